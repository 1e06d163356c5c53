package main

import (
	"errors"

	"boucle.dev/go/boucle"
)

var futures = map[string]operation{
	"future": func(f *frame, n *node) (any, error) {
		fut, err := f.env.loop.CreateFuture()
		if err != nil {
			return nil, err
		}
		return f.named(fut, "future"), nil
	},
	"spawn": func(f *frame, n *node) (any, error) {
		o, _, err := f.operand(n.words[0], f.target)
		if err != nil {
			return nil, err
		}
		return o, nil
	},
	"spawn_in": spawnIn,
	"set_result": func(f *frame, n *node) (any, error) {
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		v, err := f.value(n.words[1])
		if err != nil {
			return nil, err
		}
		defer drop(v)
		return nil, refused(fut.SetResult(outward(v)), "RuntimeError", "Task does not support set_result operation",
			boucle.ErrNotSupported)
	},
	"set_exception": func(f *frame, n *node) (any, error) {
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		exception, err := f.exception(n.words[1:])
		if err != nil {
			return nil, err
		}
		return nil, refused(fut.SetException(exception), "RuntimeError", "Task does not support set_exception operation",
			boucle.ErrNotSupported)
	},
	"result": func(f *frame, n *node) (any, error) {
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		if !fut.Done() {
			return nil, raise("InvalidStateError", "Result is not set.")
		}
		v, err := fut.Result()
		return inward(v), err
	},
	"exception": func(f *frame, n *node) (any, error) {
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		if !fut.Done() {
			return nil, raise("InvalidStateError", "Exception is not set.")
		}
		if err := fut.Exception(); fut.Cancelled() {
			return nil, err
		} else if err != nil {
			return printError(err), nil
		}
		return nil, nil
	},
	"done": func(f *frame, n *node) (any, error) {
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		return fut.Done(), nil
	},
	"cancelled": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		if o.handle != nil {
			return o.handle.Cancelled(), nil
		}
		if o.future == nil {
			return nil, raise("AttributeError", "cancelled")
		}
		return o.future.Cancelled(), nil
	},
	"cancel": cancel,
	"cancelling": func(f *frame, n *node) (any, error) {
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		return fut.AsTask().Cancelling(), nil
	},
	"uncancel": func(f *frame, n *node) (any, error) {
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		return fut.AsTask().Uncancel(), nil
	},
	"add_done_callback":    addDoneCallback,
	"remove_done_callback": removeDoneCallback,
	"gather":               func(f *frame, n *node) (any, error) { return gather(f, n, boucle.FirstError) },
	"gather_rx":            func(f *frame, n *node) (any, error) { return gather(f, n, boucle.Exceptions) },
	"shield":               shield,
	"as_completed": func(f *frame, n *node) (any, error) {
		delay, err := f.delay(n.words[0])
		if err != nil {
			return nil, err
		}
		as, _, err := f.futures(n.words[1:])
		if err != nil {
			return nil, err
		}
		c, err := boucle.AsCompleted(f.env.loop, delay, as...)
		if err != nil {
			return nil, err
		}
		return &object{references: 1, other: c, release: c.Release}, nil
	},
}

func spawnIn(f *frame, n *node) (any, error) {
	o, err := f.object(n.words[0])
	if err != nil {
		return nil, err
	}
	group := o.other.(*boucle.TaskGroup)
	callee, err := f.invocation(n.words[1], f.env.scenario.bodies, f.target)
	if err != nil {
		return nil, err
	}
	task, err := f.env.spawn(callee, group)
	switch {
	case err == nil:
		return task, nil
	case errors.Is(err, boucle.ErrShuttingDown):
		return nil, raise("RuntimeError", "TaskGroup is "+group.State())
	case errors.Is(err, boucle.ErrInvalidState):
		return nil, raise("RuntimeError", "TaskGroup has not been entered")
	}
	return nil, err
}

func cancel(f *frame, n *node) (any, error) {
	o, err := f.object(n.words[0])
	if err != nil {
		return nil, err
	}
	if o.handle != nil {
		o.handle.Cancel()
		return nil, nil
	}
	if o.future == nil {
		return nil, raise("AttributeError", "cancel")
	}
	var message []string
	if len(n.words) > 1 {
		message = append(message, n.words[1].text)
	}
	return o.future.Cancel(message...), nil
}

// ---- done-callbacks: one identity for each callback ----

func addDoneCallback(f *frame, n *node) (any, error) {
	o, err := f.object(n.words[0])
	if err != nil {
		return nil, err
	}
	e, d := f.env, f.env.scenario.callbacks[n.words[1].text]
	key := callbackKey{o.future.ID(), d.name}
	c, err := o.future.AddDoneCallback(func(fut *boucle.Future[any]) {
		subject := o
		if o.references == 0 {
			subject = futureObject(fut)
		} else {
			keep(o)
		}
		f := &frame{env: e, label: d.label, definition: d, locals: map[string]any{d.parameters[0]: subject}}
		f.callBack()
	})
	if err != nil {
		return nil, err
	}
	c.SetName(d.label)
	e.callbacks[key] = append(e.callbacks[key], c)
	return nil, nil
}

func removeDoneCallback(f *frame, n *node) (any, error) {
	fut, err := f.future(n.words[0])
	if err != nil {
		return nil, err
	}
	key := callbackKey{fut.ID(), n.words[1].text}
	removed := 0
	for _, c := range f.env.callbacks[key] {
		if fut.RemoveDoneCallback(c) {
			removed++
		}
	}
	delete(f.env.callbacks, key)
	return removed, nil
}

// callBack runs a callback's invocation.
func (f *frame) callBack() {
	s := f.call()
	drop(s.value)
	if s.err != nil {
		f.env.loop.Raise(s.err)
	}
}

// ---- combinators ----

func gather(f *frame, n *node, mode boucle.GatherMode) (any, error) {
	var as []boucle.Awaitable
	for _, w := range n.words {
		o, made, err := f.operand(w, "")
		if err != nil {
			return nil, err
		}
		defer drop(o)
		if made {
			o.future.AsTask().SetLogDestroyPending(false)
		}
		as = append(as, o.future)
	}
	g, err := boucle.Gather(f.env.loop, mode, as...)
	if err != nil {
		return nil, err
	}
	return f.named(g.Any(), "gather"), nil
}

func shield(f *frame, n *node) (any, error) {
	o, _, err := f.operand(n.words[0], "")
	if err != nil {
		return nil, err
	}
	defer drop(o)
	outer, err := boucle.Shield(f.env.loop, o.future)
	if err != nil {
		return nil, err
	}
	if outer.Same(o.future) {
		return keep(o), nil
	}
	return f.named(outer, "shield"), nil
}
