package boucle

import (
	"context"
	"runtime"
	"time"
)

// The operations of the random machine that await.

func addAwaits() {
	await := func(name string, do func(m *machine, c *Ctx, p place) error) {
		add(name, nil, func(m *machine, p place) error {
			c := m.ctx(p)
			depth := m.depth
			m.depth = 0
			err := do(m, c, p)
			m.depth = depth
			return err
		})
	}
	await("await", func(m *machine, c *Ctx, _ place) error { _, err := Await(c, m.awaitable()); return err })
	await("await method", func(m *machine, c *Ctx, _ place) error {
		if f := pick(m, m.futures); f != nil {
			_, err := f.Await(c)
			return err
		}
		return nil
	})
	await("sleep", func(m *machine, c *Ctx, _ place) error { return Sleep(c, m.delay()) })
	await("wait", func(m *machine, c *Ctx, _ place) error {
		as := m.someAwaitables()
		done, pending, err := Wait(c, WaitMode(m.rng.Intn(3)), m.delay(), as...)
		if err == nil && len(done)+len(pending) != len(as) {
			m.fail("wait lost some")
		}
		return err
	})
	await("wait for", func(m *machine, c *Ctx, _ place) error { _, err := WaitFor(c, m.delay(), m.awaitable()); return err })
	await("next", func(m *machine, c *Ctx, _ place) error {
		if x := pick(m, m.completions); x != nil {
			_, err := x.Next(c)
			return err
		}
		return nil
	})
	addLongAwaits(await)
}

func addLongAwaits(await func(string, func(*machine, *Ctx, place) error)) {
	await("block", func(m *machine, c *Ctx, _ place) error {
		sent := pick(m, machineErrors)
		exits := m.oneIn(5)
		_, err := Block(c, func(ctx context.Context) (any, error) {
			if exits {
				runtime.Goexit()
			}
			return 1, sent
		})
		return err
	})
	await("timeout", func(m *machine, c *Ctx, p place) error {
		return Timeout(c, m.delay(), func(s *Scope) error {
			m.depth = 5
			m.code(place{c, p.loop})
			m.panicOrExit()
			return Sleep(c, time.Second)
		})
	})
	await("group", func(m *machine, c *Ctx, p place) error {
		return Group(c, func(g *TaskGroup) error {
			if t, err := g.EnsureFuture(m.body(p.loop)); err == nil {
				keep(m, &m.futures, &t.Future)
			}
			m.depth = 5
			m.code(place{c, p.loop})
			m.panicOrExit()
			return nil
		})
	})
}
