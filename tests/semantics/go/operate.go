package main

import (
	"errors"
	"strings"

	"boucle.dev/go/boucle"
)

type operation func(f *frame, n *node) (any, error)

// The operations by their names: those that may suspend, and the others. Set below, for they refer to each other.
var suspending, plain map[string]operation

func init() {
	suspending, plain = awaits, map[string]operation{}
	for _, table := range []map[string]operation{values, futures, loops, primitives} {
		for name, op := range table {
			plain[name] = op
		}
	}
}

// operate runs a statement's operation.
func (f *frame) operate(n *node) (any, error) {
	if op := suspending[n.operation]; op != nil {
		if f.ctx == nil {
			return nil, raise("RuntimeError", "await outside of a body")
		}
		return op(f, n)
	}
	if op := plain[n.operation]; op != nil {
		return op(f, n)
	}
	panic("unknown operation " + n.operation)
}

var values = map[string]operation{
	"log": func(f *frame, n *node) (any, error) {
		texts := make([]string, len(n.words))
		for i, w := range n.words {
			texts[i] = w.text
			if w.kind == wordVariable {
				v, err := f.value(w)
				if err != nil {
					return nil, err
				}
				texts[i] = f.env.print(v)
				drop(v)
			}
		}
		f.env.log(f.label, strings.Join(texts, " "))
		return nil, nil
	},
	"val": func(f *frame, n *node) (any, error) { return f.value(n.words[0]) },
	"add": func(f *frame, n *node) (any, error) {
		left, err := f.value(n.words[0])
		if err != nil {
			return nil, err
		}
		right, err := f.value(n.words[1])
		if err != nil {
			return nil, err
		}
		return sum(left, right)
	},
	"time": func(f *frame, n *node) (any, error) { return f.env.now(), nil },
	"raise": func(f *frame, n *node) (any, error) {
		err, failed := f.exception(n.words)
		if failed != nil {
			err = failed
		}
		return nil, err
	},
	"reraise": func(f *frame, n *node) (any, error) {
		if len(f.caught) == 0 {
			return nil, raise("IndexError", "list index out of range")
		}
		return nil, f.caught[len(f.caught)-1]
	},
	"drop": func(f *frame, n *node) (any, error) {
		v := f.env.globals[n.words[0].text]
		delete(f.env.globals, n.words[0].text)
		drop(v)
		return nil, nil
	},
	"cvset": func(f *frame, n *node) (any, error) {
		v, err := f.value(n.words[1])
		if err != nil {
			return nil, err
		}
		defer drop(v)
		return nil, f.env.contextVar(n.words[0].text).Set(f.env.loop, outward(v))
	},
	"cvget": func(f *frame, n *node) (any, error) {
		return inward(f.env.contextVar(n.words[0].text).Get(f.env.loop)), nil
	},
}

func sum(left, right any) (any, error) {
	l, lok := number(left)
	r, rok := number(right)
	if lok && rok {
		return l + r, nil
	}
	if a, ok := left.(string); ok {
		if b, ok := right.(string); ok {
			return a + b, nil
		}
	}
	if a, ok := left.([]any); ok {
		if b, ok := right.([]any); ok {
			return append(append([]any{}, a...), b...), nil
		}
	}
	return nil, raise("TypeError", "unsupported operand type(s) for +")
}

// exception is the one that KIND [MSG] names.
func (f *frame) exception(words []word) (exception, failed error) {
	message := ""
	if len(words) > 1 {
		v, err := f.value(words[1])
		if err != nil {
			return nil, err
		}
		message = f.env.print(v)
		drop(v)
	}
	return raise(words[0].text, message), nil
}

// named gives a new future its label.
func (f *frame) named(fut *boucle.Future[any], kind string) *object {
	label := f.target
	if label == "" {
		label = kind
	}
	f.env.labels[fut.ID()] = label
	return futureObject(fut)
}

// refused has the texts of asyncio where the library's own differ.
func refused(err error, kind, text string, sentinel error) error {
	if err != nil && errors.Is(err, sentinel) {
		return raise(kind, text)
	}
	return err
}
