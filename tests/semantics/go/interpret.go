package main

import (
	"time"

	"boucle.dev/go/boucle"
)

// frame is one invocation of a body or a callback, or main.
type frame struct {
	env           *env
	ctx           *boucle.Ctx // nil in main and in callbacks
	label, target string
	definition    *definition
	locals        map[string]any
	caught        []error // the exceptions being handled
	closed        bool
}

// signal is why control leaves a block: nothing, a return, or an exception.
type signal struct {
	returned bool
	value    any
	err      error
}

func (s signal) leaves() bool { return s.returned || s.err != nil }

func (f *frame) close() {
	if f.closed {
		return
	}
	f.closed = true
	for _, name := range f.parameters() {
		drop(f.locals[name])
	}
}

func (f *frame) parameters() []string {
	if f.definition == nil {
		return nil
	}
	return f.definition.parameters
}

// run runs the invocation in its task, to its end.
func (f *frame) run() (any, error) {
	s := f.call()
	if s.err != nil {
		return nil, s.err
	}
	v := outward(s.value)
	drop(s.value)
	return v, nil
}

// call runs it; also if its task is destroyed meanwhile, its variables are dropped.
func (f *frame) call() signal {
	defer f.close()
	s := f.block(f.definition.block)
	return s
}

func (f *frame) find(name string) (any, error) {
	if v, ok := f.locals[name]; ok {
		return v, nil
	}
	if v, ok := f.env.globals[name]; ok {
		return v, nil
	}
	return nil, raise("NameError", name)
}

func (f *frame) assign(name string, v any) {
	if before, ok := f.locals[name]; ok {
		f.locals[name] = v
		drop(before)
		return
	}
	f.env.assign(name, v)
}

func (f *frame) block(nodes []*node) signal {
	for _, n := range nodes {
		if s := f.node(n); s.leaves() {
			return s
		}
	}
	return signal{}
}

func (f *frame) node(n *node) signal {
	switch n.kind {
	case "":
		return f.statement(n)
	case "loop":
		return f.loop(n)
	case "if":
		return f.choose(n)
	case "try":
		return f.try(n)
	case "timeout":
		return f.timeout(n)
	case "with":
		return f.with(n)
	}
	return f.group(n)
}

func (f *frame) statement(n *node) signal {
	f.target = n.target
	if n.operation == "return" {
		if len(n.words) == 0 {
			return signal{returned: true}
		}
		v, err := f.value(n.words[0])
		return signal{returned: err == nil, value: v, err: err}
	}
	v, err := f.operate(n)
	if err != nil {
		return signal{err: err}
	}
	if n.show {
		text := n.operation
		for _, w := range n.words {
			text += " " + w.text
		}
		f.env.log(f.label, text+" = "+f.env.print(v))
	}
	if n.target != "" {
		f.assign(n.target, v)
	} else {
		drop(v)
	}
	return signal{}
}

func (f *frame) loop(n *node) signal {
	rounds, err := f.integer(n.words[0])
	if err != nil {
		return signal{err: err}
	}
	for i := 0; i < rounds; i++ {
		if s := f.block(n.body); s.leaves() {
			return s
		}
	}
	return signal{}
}

func (f *frame) choose(n *node) signal {
	left, err := f.value(n.words[0])
	if err != nil {
		return signal{err: err}
	}
	right, err := f.value(n.words[2])
	if err != nil {
		return signal{err: err}
	}
	same := equal(left, right)
	drop(left)
	drop(right)
	if same == (n.words[1].text == "==") {
		return f.block(n.body)
	}
	return f.block(n.orelse)
}

func (f *frame) try(n *node) signal {
	s := f.block(n.body)
	if s.err != nil {
		s = f.handle(n, s)
	} else if !s.leaves() {
		s = f.block(n.orelse)
	}
	if last := f.block(n.final); last.leaves() {
		drop(s.value)
		return last
	}
	return s
}

func (f *frame) handle(n *node, s signal) signal {
	for _, c := range n.clauses {
		if caughtBy(s.err, c.kind) {
			f.env.log(f.label, "except "+printError(s.err))
			f.caught = append(f.caught, s.err)
			s = f.block(c.block)
			f.caught = f.caught[:len(f.caught)-1]
			return s
		}
	}
	return s
}

// ends gives an exit what ended the block, and goes on with what it makes of it.
func ends(s signal, exit func(error) error) signal {
	if err := exit(s.err); err != nil {
		drop(s.value)
		return signal{err: err}
	}
	s.err = nil
	return s
}

func (f *frame) timeout(n *node) signal {
	delay, err := f.delay(n.words[0])
	if err != nil {
		return signal{err: err}
	}
	scope, err := boucle.NewScope(f.env.loop, delay)
	if err != nil {
		return signal{err: err}
	}
	o := &object{references: 1, other: scope, release: scope.Release}
	defer drop(o)
	if len(n.words) > 1 {
		f.assign(n.words[1].text, keep(o))
	}
	if err := scope.Enter(); err != nil {
		return signal{err: err}
	}
	return ends(f.block(n.body), scope.Exit)
}

func (f *frame) group(n *node) signal {
	group, err := boucle.NewTaskGroup(f.env.loop)
	if err != nil {
		return signal{err: err}
	}
	o := &object{references: 1, other: group, release: group.Release}
	defer drop(o)
	f.assign(n.words[0].text, keep(o))
	if err := group.Enter(); err != nil {
		return signal{err: err}
	}
	return ends(f.block(n.body), func(err error) error { return group.Exit(f.ctx, err) })
}

func (f *frame) with(n *node) signal {
	v, err := f.find(n.words[0].text)
	if err != nil {
		return signal{err: err}
	}
	o := keep(v).(*object)
	defer drop(o)
	if err := f.acquire(o); err != nil {
		return signal{err: err}
	}
	s := f.block(n.body)
	if err := release(o); err != nil {
		drop(s.value)
		return signal{err: err}
	}
	return s
}

// ---- words ----

func (f *frame) value(w word) (any, error) {
	switch w.kind {
	case wordNone:
		return nil, nil
	case wordInt:
		return w.integer, nil
	case wordVariable:
		v, err := f.find(w.name)
		return keep(v), err
	}
	return w.text, nil
}

func (f *frame) integer(w word) (int, error) {
	v, err := f.value(w)
	if err != nil {
		return 0, err
	}
	i, ok := number(v)
	if !ok {
		return 0, raise("TypeError", "an integer is required")
	}
	return i, nil
}

// delay is in ms; None is no limit.
func (f *frame) delay(w word) (time.Duration, error) {
	v, err := f.value(w)
	if err != nil || v == nil {
		return boucle.NoTimeout, err
	}
	i, ok := number(v)
	if !ok {
		return 0, raise("TypeError", "an integer is required")
	}
	return time.Duration(i) * time.Millisecond, nil
}

func (f *frame) object(w word) (*object, error) {
	v, err := f.find(w.text)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*object)
	if !ok {
		return nil, raise("AttributeError", "the object is of another type")
	}
	return o, nil
}

func (f *frame) future(w word) (*boucle.Future[any], error) {
	o, err := f.object(w)
	if err != nil {
		return nil, err
	}
	if o.future == nil {
		return nil, raise("AttributeError", "the object is of another type")
	}
	return o.future, nil
}

func (f *frame) futures(words []word) ([]boucle.Awaitable, []*object, error) {
	var as []boucle.Awaitable
	var objects []*object
	for _, w := range words {
		o, err := f.object(w)
		if err != nil {
			return nil, nil, err
		}
		as, objects = append(as, o.future), append(objects, o)
	}
	return as, objects, nil
}

// invocation is a new frame for a CALL.
func (f *frame) invocation(w word, among map[string]*definition, label string) (*frame, error) {
	d := among[w.name]
	if d == nil {
		d = among[w.text]
	}
	if d == nil || len(d.parameters) != len(w.arguments) {
		return nil, raise("TypeError", "no such body or callback, or it takes other arguments")
	}
	if label == "" {
		label = d.label
	}
	callee := &frame{env: f.env, label: label, definition: d, locals: map[string]any{}}
	for i, argument := range w.arguments {
		v, err := f.value(argument)
		if err != nil {
			return nil, err
		}
		callee.locals[d.parameters[i]] = v
	}
	return callee, nil
}

// operand is a future in a variable, or a new task; made says which. A reference to it goes along.
func (f *frame) operand(w word, label string) (o *object, made bool, err error) {
	if w.kind != wordCall {
		o, err := f.object(w)
		if err != nil {
			return nil, false, err
		}
		return keep(o).(*object), false, nil
	}
	callee, err := f.invocation(w, f.env.scenario.bodies, label)
	if err != nil {
		return nil, false, err
	}
	o, err = f.env.spawn(callee, nil)
	return o, true, err
}
