package main

import (
	"errors"
	"time"

	"boucle.dev/go/boucle"
)

var loops = map[string]operation{
	"call_soon": func(f *frame, n *node) (any, error) {
		return f.schedule(n, n.words[0], f.env.loop.CallSoon)
	},
	"call_later": func(f *frame, n *node) (any, error) {
		delay, err := f.delay(n.words[0])
		if err != nil {
			return nil, err
		}
		return f.schedule(n, n.words[1], func(fn func()) (*boucle.Callback, error) { return f.env.loop.CallLater(delay, fn) })
	},
	"call_at": func(f *frame, n *node) (any, error) {
		at, err := f.integer(n.words[0])
		if err != nil {
			return nil, err
		}
		when := time.Duration(at-f.env.base) * time.Millisecond
		return f.schedule(n, n.words[1], func(fn func()) (*boucle.Callback, error) { return f.env.loop.CallAt(when, fn) })
	},
	"when": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return f.env.milliseconds(o.handle.When()), nil
	},
	"run":         runOperand,
	"run_forever": func(f *frame, n *node) (any, error) { return nil, f.env.ended(f.env.loop.RunForever(), true) },
	"asyncio_run": asyncioRun,
	"shutdown":    func(f *frame, n *node) (any, error) { return nil, f.env.ended(f.env.loop.Shutdown(), false) },
	"new_loop":    func(f *frame, n *node) (any, error) { return nil, f.env.newLoop() },
	"stop": func(f *frame, n *node) (any, error) {
		f.env.loop.Stop()
		return nil, nil
	},
	"close": func(f *frame, n *node) (any, error) {
		err := f.env.loop.Close()
		return nil, refused(err, "RuntimeError", "Cannot close a running event loop", boucle.ErrRunning)
	},
	"is_running": func(f *frame, n *node) (any, error) { return f.env.loop.IsRunning(), nil },
	"is_closed":  func(f *frame, n *node) (any, error) { return f.env.loop.IsClosed(), nil },
	"current": func(f *frame, n *node) (any, error) {
		t := f.env.loop.CurrentTask()
		if t == nil {
			return nil, raise("AttributeError", "no task is running")
		}
		return f.env.label(&t.Future), nil
	},
	"all_tasks": func(f *frame, n *node) (any, error) {
		labels := []any{}
		for _, t := range f.env.loop.AllTasks() {
			labels = append(labels, f.env.label(&t.Future))
			t.Release()
		}
		return labels, nil
	},
}

func (f *frame) schedule(n *node, w word, call func(func()) (*boucle.Callback, error)) (any, error) {
	callee, err := f.invocation(w, f.env.scenario.callbacks, "")
	if err != nil {
		return nil, err
	}
	c, err := call(callee.callBack)
	if err != nil {
		callee.close()
		return nil, err
	}
	c.SetName(callee.label)
	c.Finally(callee.close)
	if n.target == "" && !n.show {
		return nil, nil
	}
	return &object{references: 1, handle: c}, nil
}

// ended is what leaves a run that ended so; a deadlock of the virtual clock is logged, and stops the loop.
func (e *env) ended(err error, forever bool) error {
	if !errors.Is(err, boucle.ErrDeadlock) {
		return err
	}
	e.log("loop", "deadlock")
	if forever {
		return nil
	}
	return raise("RuntimeError", "Event loop stopped before Future completed.")
}

func (e *env) runFuture(o *object, made bool) (any, error) {
	v, err := e.loop.RunUntilComplete(o.future)
	if err != nil && made && o.future.Done() {
		if kind, _ := kindOf(err); isExit(kind) {
			o.future.Result() // its exception is the one that left the loop
		}
	}
	return inward(v), e.ended(err, false)
}

func runOperand(f *frame, n *node) (any, error) {
	e := f.env
	if e.loop.IsClosed() {
		return nil, raise("RuntimeError", "Event loop is closed")
	}
	if e.loop.IsRunning() {
		return nil, raise("RuntimeError", "This event loop is already running")
	}
	o, made, err := f.operand(n.words[0], "")
	if err != nil {
		return nil, err
	}
	defer drop(o)
	if made {
		o.future.AsTask().SetLogDestroyPending(false)
	}
	return e.runFuture(o, made)
}

// ---- asyncio.run ----

func asyncioRun(f *frame, n *node) (any, error) {
	if err := f.env.newLoop(); err != nil {
		return nil, err
	}
	o, _, err := f.operand(n.words[0], "")
	if err != nil {
		return nil, err
	}
	v, err := f.env.runFuture(o, false)
	drop(o)
	if e := f.env.endRun(); e != nil {
		return nil, e
	}
	return v, err
}

// endRun is the end of asyncio.run(), which also runs two coroutines that have nothing to do here.
func (e *env) endRun() error {
	defer e.loop.Close()
	if err := e.ended(e.loop.Shutdown(), false); err != nil {
		return err
	}
	for _, label := range []string{"shutdown_asyncgens", "shutdown_default_executor"} {
		t, err := e.loop.EnsureFuture(func(*boucle.Ctx) (any, error) { return nil, nil })
		if err != nil {
			return err
		}
		e.labels[t.ID()] = label
		t.SetLogDestroyPending(false)
		o := futureObject(&t.Future)
		_, err = e.runFuture(o, true)
		drop(o)
		if err != nil {
			return err
		}
	}
	return nil
}
