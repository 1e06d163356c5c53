package main

import (
	"boucle.dev/go/boucle"
)

var awaits = map[string]operation{
	"sleep": func(f *frame, n *node) (any, error) {
		delay, err := f.delay(n.words[0])
		if err != nil {
			return nil, err
		}
		return nil, boucle.Sleep(f.ctx, delay)
	},
	"await": func(f *frame, n *node) (any, error) {
		if n.words[0].kind == wordCall {
			return f.inline(n.words[0])
		}
		fut, err := f.future(n.words[0])
		if err != nil {
			return nil, err
		}
		v, err := boucle.Await(f.ctx, fut)
		return inward(v), err
	},
	"wait_for": waitFor,
	"wait":     wait,
	"next": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		v, err := o.other.(*boucle.Completion).Next(f.ctx)
		return inward(v), err
	},
	"acquire": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return true, f.acquire(o)
	},
	"wait_event": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return true, o.other.(*boucle.Event).Wait(f.ctx)
	},
	"wait_condition": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return true, o.other.(*boucle.Condition).Wait(f.ctx)
	},
	"wait_until": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		wanted, err := f.value(n.words[2])
		if err != nil {
			return nil, err
		}
		defer drop(wanted)
		return true, o.other.(*boucle.Condition).WaitFor(f.ctx, func() bool {
			v, err := f.find(n.words[1].text)
			return err == nil && equal(v, wanted)
		})
	},
	"wait_barrier": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return pair(o.other.(*boucle.Barrier).Wait(f.ctx))
	},
	"reset": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return nil, o.other.(*boucle.Barrier).Reset(f.ctx)
	},
	"abort": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return nil, o.other.(*boucle.Barrier).Abort(f.ctx)
	},
	"put": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		v, err := f.value(n.words[1])
		if err != nil {
			return nil, err
		}
		defer drop(v)
		return nil, o.other.(*boucle.Queue[any]).Put(f.ctx, outward(v))
	},
	"get": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		v, err := o.other.(*boucle.Queue[any]).Get(f.ctx)
		return inward(v), err
	},
	"join": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return nil, o.other.(*boucle.Queue[any]).Join(f.ctx)
	},
}

func pair[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// inline runs a body inside this task, under the label of its caller.
func (f *frame) inline(w word) (any, error) {
	callee, err := f.invocation(w, f.env.scenario.bodies, f.label)
	if err != nil {
		return nil, err
	}
	callee.ctx = f.ctx
	s := callee.call()
	return s.value, s.err
}

func waitFor(f *frame, n *node) (any, error) {
	delay, err := f.delay(n.words[0])
	if err != nil {
		return nil, err
	}
	if n.words[1].kind == wordCall && delay > 0 {
		var v any
		err := boucle.Timeout(f.ctx, delay, func(*boucle.Scope) (err error) {
			v, err = f.inline(n.words[1])
			return err
		})
		return v, err
	}
	o, _, err := f.operand(n.words[1], f.label)
	if err != nil {
		return nil, err
	}
	defer drop(o)
	v, err := boucle.WaitFor(f.ctx, delay, o.future)
	return inward(v), err
}

func wait(f *frame, n *node) (any, error) {
	mode := map[string]boucle.WaitMode{"FIRST_COMPLETED": boucle.FirstCompleted,
		"FIRST_EXCEPTION": boucle.FirstException, "ALL_COMPLETED": boucle.AllCompleted}[n.words[0].text]
	delay, err := f.delay(n.words[1])
	if err != nil {
		return nil, err
	}
	var words []word
	seen := map[*object]bool{}
	for _, w := range n.words[2:] {
		o, err := f.object(w)
		if err != nil {
			return nil, err
		}
		if !seen[o] {
			seen[o] = true
			words = append(words, w)
			keep(o)
			defer drop(o)
		}
	}
	as, objects, err := f.futures(words)
	if err != nil {
		return nil, err
	}
	if _, _, err := boucle.Wait(f.ctx, mode, delay, as...); err != nil {
		return nil, err
	}
	done, pending := []any{}, []any{}
	for _, o := range objects {
		if o.future.Done() {
			done = append(done, keep(o))
		} else {
			pending = append(pending, keep(o))
		}
	}
	return []any{done, pending}, nil
}
