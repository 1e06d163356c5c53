package boucle

import (
	"io"
	"runtime"
)

// The code of the random machine's tasks, callbacks and handlers.

// code does a few operations, as code of a program does.
func (m *machine) code(p place) {
	m.depth++
	defer func() { m.depth-- }()
	for n := m.rng.Intn(5); n > 0 && m.depth < 6 && m.step(p); n-- {
	}
}

func (m *machine) panicOrExit() {
	switch m.rng.Intn(30) {
	case 0:
		panic(io.ErrUnexpectedEOF)
	case 1:
		runtime.Goexit()
	case 2:
		panic("text")
	}
}

func (m *machine) function(l *Loop) func() {
	if m.oneIn(50) {
		return nil
	}
	return func() {
		m.code(place{loop: l})
		m.panicOrExit()
	}
}

func (m *machine) body(l *Loop) func(*Ctx) (any, error) {
	if m.oneIn(50) {
		return nil
	}
	return func(ctx *Ctx) (any, error) {
		keep(m, &m.ctxs, ctx)
		if m.oneIn(2) {
			defer func() {
				m.code(place{ctx, l})
				m.panicOrExit()
			}()
		}
		m.depth = 0
		m.code(place{ctx, l})
		if m.oneIn(3) {
			m.depth = 0
			Sleep(ctx, m.delay())
		}
		m.depth = 0
		m.code(place{ctx, l})
		m.panicOrExit()
		if m.oneIn(3) {
			return nil, pick(m, machineErrors)
		}
		return m.value(), nil
	}
}

func (m *machine) handler(l *Loop) func(*Report) {
	switch m.rng.Intn(4) {
	case 0:
		return func(r *Report) { keep(m, &m.reports, r) }
	case 1:
		return func(r *Report) {
			if r.Future != nil && m.oneIn(2) {
				r.Future.Release()
			}
			m.code(place{loop: l})
			m.panicOrExit()
		}
	}
	return func(*Report) {}
}
