package boucle

import (
	"context"
	"errors"
	"io"
	"runtime"
	"time"
)

// The errors that an operation may return, besides those of the code that it calls.
var (
	none     = []error{errors.New("none")}
	making   = []error{ErrClosed}
	calling  = []error{ErrClosed, ErrInvalid}
	of       = []error{ErrClosed, ErrInvalid, ErrWrongLoop}
	complete = []error{ErrInvalidState, ErrNotSupported, ErrInvalid, ErrClosed}
)

func on[T any](from func(m *machine) []*T, do func(m *machine, p place, x *T) error) func(*machine, place) error {
	return func(m *machine, p place) error {
		if x := pick(m, from(m)); x != nil {
			return do(m, p, x)
		}
		return nil
	}
}

func makes[T any](to func(m *machine) *[]*T, make func(m *machine, l *Loop) (*T, error)) func(*machine, place) error {
	return func(m *machine, p place) error {
		l := p.loop
		if m.oneIn(4) {
			l = pick(m, m.loops)
		}
		x, err := make(m, l)
		if err == nil {
			keep(m, to(m), x)
		}
		return err
	}
}

func futures(m *machine) []*Future[any]    { return m.futures }
func callbacks(m *machine) []*Callback     { return m.callbacks }
func toFutures(m *machine) *[]*Future[any] { return &m.futures }
func toCallbacks(m *machine) *[]*Callback  { return &m.callbacks }
func ignore[T any](fn func(m *machine, x *T)) func(*machine, place, *T) error {
	return func(m *machine, _ place, x *T) error { fn(m, x); return nil }
}

var operations []operation

func add(name string, allowed []error, do func(m *machine, p place) error) {
	operations = append(operations, operation{name, allowed, do})
}

func init() {
	addLoops()
	addCallbacks()
	addRuns()
	addLoopStates()
	addFutures()
	addCombinations()
	addTasks()
	addAwaits()
	addPrimitives()
	addQueues()
	addBlocks()
}

func addLoops() {
	schedule := func(name string, call func(m *machine, l *Loop, fn func()) (*Callback, error)) {
		for i := 0; i < 2; i++ {
			add(name, calling, makes(toCallbacks, func(m *machine, l *Loop) (*Callback, error) { return call(m, l, m.function(l)) }))
		}
	}
	schedule("call soon", func(m *machine, l *Loop, fn func()) (*Callback, error) { return l.CallSoon(fn) })
	schedule("call later", func(m *machine, l *Loop, fn func()) (*Callback, error) { return l.CallLater(m.delay(), fn) })
	schedule("call at", func(m *machine, l *Loop, fn func()) (*Callback, error) { return l.CallAt(m.delay(), fn) })
	add("post", calling, func(m *machine, p place) error { return p.loop.Post(m.function(p.loop)) })
	add("call soon threadsafe", calling, func(m *machine, p place) error {
		l := pick(m, m.loops)
		fn := m.function(l)
		result := make(chan error)
		go func() { result <- l.CallSoonThreadsafe(fn) }()
		return <-result
	})
	add("stop threadsafe", none, func(m *machine, p place) error {
		l := pick(m, m.loops)
		m.posters.Add(1)
		go func() { defer m.posters.Done(); l.StopThreadsafe() }()
		return nil
	})
}

func addCallbacks() {
	add("cancel callback", none, on(callbacks, ignore(func(m *machine, c *Callback) { c.Cancel() })))
	add("release callback", none, on(callbacks, ignore(func(m *machine, c *Callback) { c.Release() })))
	add("look at callback", none, on(callbacks, ignore(func(m *machine, c *Callback) { c.SetName("c"); _ = c.Name(); c.When(); c.Cancelled() })))
	add("finally", none, on(callbacks, ignore(func(m *machine, c *Callback) { c.Finally(m.function(c.loop)) })))
	add("again", complete, on(callbacks, func(m *machine, _ place, c *Callback) error { return c.Again(m.delay()) }))
	reader := func(write bool) func(m *machine, p place) error {
		return func(m *machine, p place) error {
			l, fired := p.loop, 0
			fd := int(m.pipe[0].Fd())
			if write {
				fd = int(m.pipe[1].Fd())
			}
			fn := func() {
				if fired++; fired > 2 || m.oneIn(2) {
					l.RemoveReader(fd)
					l.RemoveWriter(fd)
				}
				m.code(place{loop: l})
				m.panicOrExit()
			}
			if write {
				return l.AddWriter(fd, fn)
			}
			return l.AddReader(fd, fn)
		}
	}
	add("add reader", making, reader(false))
	add("add writer", making, reader(true))
	add("remove reader", none, func(m *machine, p place) error { p.loop.RemoveReader(int(m.pipe[0].Fd())); return nil })
}

func addRuns() {
	run := func(name string, call func(m *machine, l *Loop) error) {
		for i := 0; i < 4; i++ {
			add(name, nil, func(m *machine, p place) error {
				l := pick(m, m.loops)
				return m.runs(l, func() error { return call(m, l) })
			})
		}
	}
	run("run forever", func(m *machine, l *Loop) error { return l.RunForever() })
	run("run until complete", func(m *machine, l *Loop) error { _, err := l.RunUntilComplete(m.awaitable()); return err })
	run("shutdown", func(m *machine, l *Loop) error {
		if !m.oneIn(6) {
			return nil
		}
		return l.Shutdown()
	})
	add("run", nil, func(m *machine, p place) error {
		if m.depth >= 5 || len(m.running) > 0 {
			return nil
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_, err := Run(ctx, func(ctx *Ctx) (any, error) {
			m.running = append(m.running, ctx.Loop())
			defer func() { m.running = m.running[:len(m.running)-1] }()
			if m.oneIn(3) {
				cancel()
			}
			return nil, Sleep(ctx, time.Second)
		}, VirtualClock())
		return err
	})
}

func addLoopStates() {
	add("close", []error{ErrRunning}, func(m *machine, p place) error {
		if !m.oneIn(20) {
			return nil
		}
		return pick(m, m.loops).Close()
	})
	add("new loop", none, func(m *machine, p place) error {
		if m.oneIn(10) {
			m.newLoop()
		}
		return nil
	})
	add("stop", none, func(m *machine, p place) error {
		if m.oneIn(4) {
			pick(m, m.loops).Stop()
		}
		return nil
	})
	add("look at loop", none, func(m *machine, p place) error {
		l := pick(m, m.loops)
		l.IsClosed()
		l.IsRunning()
		l.Time()
		l.Pointer()
		LiveObjects()
		return nil
	})
	addLoopEffects()
}

func addLoopEffects() {
	add("handler", none, func(m *machine, p place) error {
		l := pick(m, m.loops)
		l.SetExceptionHandler(m.handler(l))
		return nil
	})
	add("raise", none, func(m *machine, p place) error {
		if p.ctx == nil && len(m.running) > 0 && m.oneIn(5) {
			p.loop.Raise(io.EOF)
		}
		return nil
	})
	add("collect", none, func(m *machine, p place) error {
		if m.oneIn(20) {
			runtime.GC()
		}
		return nil
	})
	add("inherit", none, func(m *machine, p place) error { p.loop.Inherit(pick(m, m.loops)); return nil })
	add("cancel context", none, func(m *machine, p place) error {
		if cancel := pick(m, m.cancels); cancel != nil {
			cancel()
		}
		return nil
	})
}

func addFutures() {
	add("new future", making, makes(toFutures, func(m *machine, l *Loop) (*Future[any], error) { return l.CreateFuture() }))
	add("set result", complete, on(futures, func(m *machine, _ place, f *Future[any]) error { return f.SetResult(m.value()) }))
	add("set exception", complete, on(futures, func(m *machine, _ place, f *Future[any]) error { return f.SetException(pick(m, machineErrors)) }))
	add("set no exception", []error{ErrInvalid}, on(futures, func(m *machine, _ place, f *Future[any]) error { return f.SetException(nil) }))
	add("result", nil, on(futures, func(m *machine, _ place, f *Future[any]) error { _, err := f.Result(); return err }))
	add("exception", nil, on(futures, func(m *machine, _ place, f *Future[any]) error { return f.Exception() }))
	add("cancel", none, on(futures, ignore(func(m *machine, f *Future[any]) { f.Cancel([]string{"", "message"}[m.rng.Intn(2)]) })))
	add("release", none, on(futures, ignore(func(m *machine, f *Future[any]) { f.Release() })))
	add("look at future", none, on(futures, ignore(func(m *machine, f *Future[any]) {
		f.Done()
		f.Cancelled()
		f.ID()
		f.Same(m.awaitable())
		f.Pointer()
	})))
	add("another handle", none, on(futures, ignore(func(m *machine, f *Future[any]) {
		keep(m, &m.futures, f.Any())
		if t := f.AsTask(); t != nil {
			keep(m, &m.futures, &t.Future)
		}
	})))
}

func addCombinations() {
	add("done callback", of, on(futures, func(m *machine, _ place, f *Future[any]) error {
		fn := m.function(f.f.loop)
		var done func(*Future[any])
		if fn != nil {
			done = func(f *Future[any]) { keep(m, &m.futures, f); fn() }
		}
		c, err := f.AddDoneCallback(done)
		if err == nil {
			keep(m, &m.callbacks, c)
		}
		return err
	}))
	add("remove done callback", none, on(futures, ignore(func(m *machine, f *Future[any]) { f.RemoveDoneCallback(pick(m, m.callbacks)) })))
	add("gather", of, makes(toFutures, func(m *machine, l *Loop) (*Future[any], error) {
		g, err := Gather(l, GatherMode(m.rng.Intn(2)), m.someAwaitables()...)
		if err != nil {
			return nil, err
		}
		return g.Any(), nil
	}))
	add("shield", of, makes(toFutures, func(m *machine, l *Loop) (*Future[any], error) { return Shield(l, m.awaitable()) }))
	add("as completed", of, makes(func(m *machine) *[]*Completion { return &m.completions },
		func(m *machine, l *Loop) (*Completion, error) {
			return AsCompleted(l, m.delay(), m.someAwaitables()...)
		}))
	add("release completion", none, on(func(m *machine) []*Completion { return m.completions }, ignore(func(m *machine, c *Completion) { c.Release() })))
	addHandles()
}

// addHandles adds operations that change what refers to what.
func addHandles() {
	add("adopt", making, func(m *machine, p place) error {
		l := pick(m, m.loops)
		f, err := l.CreateFuture()
		if err != nil {
			return err
		}
		adopted := Adopt[any](l, f.Pointer())
		f.f.own.ptr = 0 // the other handle has the reference now
		runtime.SetFinalizer(f.f.own, nil)
		keep(m, &m.futures, adopted)
		keep(m, &m.futures, Adopt[any](l, nil))
		return nil
	})
	add("drop", none, func(m *machine, p place) error {
		if n := len(m.futures); n > 0 {
			m.futures = append(m.futures[:0:0], m.futures[1:]...)
		}
		m.reports = nil
		return nil
	})
}

func addTasks() {
	options := func(m *machine) []TaskOption {
		if !m.oneIn(8) {
			return nil
		}
		ctx, cancel := context.WithCancel(context.Background())
		m.cancels = append(m.cancels, cancel)
		return []TaskOption{WithContext(ctx)}
	}
	for i := 0; i < 5; i++ {
		add("ensure future", calling, makes(toFutures, func(m *machine, l *Loop) (*Future[any], error) {
			t, err := l.EnsureFuture(m.body(l), options(m)...)
			if err != nil {
				return nil, err
			}
			return &t.Future, nil
		}))
	}
	add("spawn", calling, func(m *machine, p place) error { return p.loop.Spawn(m.body(p.loop), options(m)...) })
	addTaskStates()
}

func addTaskStates() {
	add("current task", none, func(m *machine, p place) error {
		if t := pick(m, m.loops).CurrentTask(); t != nil {
			keep(m, &m.futures, &t.Future)
		}
		return nil
	})
	add("all tasks", none, func(m *machine, p place) error {
		for _, t := range pick(m, m.loops).AllTasks() {
			if m.oneIn(4) {
				keep(m, &m.futures, &t.Future)
			}
		}
		return nil
	})
	task := func(name string, do func(m *machine, t *Task[any])) {
		add(name, none, on(futures, ignore(func(m *machine, f *Future[any]) {
			if t := f.AsTask(); t != nil {
				do(m, t)
			}
		})))
	}
	task("name", func(m *machine, t *Task[any]) { t.SetName("name"); _ = t.Name() })
	task("cancelling", func(m *machine, t *Task[any]) { t.Cancelling(); t.Uncancel() })
	task("log destroy pending", func(m *machine, t *Task[any]) { t.SetLogDestroyPending(m.oneIn(2)) })
	task("finally of task", func(m *machine, t *Task[any]) { t.Finally(m.function(t.f.loop)) })
	add("look at context", none, func(m *machine, p place) error {
		if c := pick(m, m.ctxs); c != nil {
			c.Err()
			c.Value("key")
			c.Deadline()
			c.Loop()
			if c.Loop().IsRunning() == (len(m.running) > 0 && m.running[len(m.running)-1] == c.Loop()) {
				keep(m, &m.futures, &c.Task().Future)
			}
		}
		return nil
	})
}
