package main

import (
	"fmt"
	"strings"
	"time"

	"boucle.dev/go/boucle"
)

// env is one run of one scenario.
type env struct {
	scenario *scenario
	trace    strings.Builder
	finished bool // nothing is logged from here on

	loop  *boucle.Loop
	base  int // when it was made, in ms: the clock goes on from loop to loop
	loops []*boucle.Loop

	globals   map[string]any
	vars      map[string]*boucle.ContextVar[any]
	labels    map[uintptr]string
	callbacks map[callbackKey][]*boucle.Callback // done-callbacks, by their identity
}

type callbackKey struct {
	future uintptr
	name   string
}

func runScenario(s *scenario) string {
	e := &env{scenario: s, globals: map[string]any{}, vars: map[string]*boucle.ContextVar[any]{},
		labels: map[uintptr]string{}, callbacks: map[callbackKey][]*boucle.Callback{}}
	e.newLoop()
	e.main()
	e.finished = true
	for _, l := range e.loops {
		l.Close()
	}
	for _, v := range e.globals {
		drop(v)
	}
	return e.trace.String()
}

func (e *env) newLoop() error {
	l, err := boucle.NewLoop(boucle.VirtualClock())
	if err != nil {
		return err
	}
	l.SetExceptionHandler(e.reported)
	now := 0
	if e.loop != nil {
		now = e.now()
		l.Inherit(e.loop)
	}
	e.loop, e.loops = l, append(e.loops, l)
	e.base = now - int(l.Time().Round(time.Millisecond)/time.Millisecond)
	return nil
}

func (e *env) now() int { return e.milliseconds(e.loop.Time()) }

func (e *env) milliseconds(d time.Duration) int {
	return e.base + int(d.Round(time.Millisecond)/time.Millisecond)
}

func (e *env) log(label, text string) {
	if !e.finished {
		fmt.Fprintf(&e.trace, "%d %s %s\n", e.now(), label, text)
	}
}

func (e *env) label(f *boucle.Future[any]) string {
	if label, ok := e.labels[f.ID()]; ok {
		return label
	}
	return "future"
}

func (e *env) reported(r *boucle.Report) {
	message, subject := withoutReprs(r.Message), "None"
	if strings.HasSuffix(message, "Future exception was never retrieved") {
		message = "Future exception was never retrieved"
	}
	if strings.HasPrefix(message, "Exception in callback") {
		message = "Exception in callback"
	}
	if r.Future != nil {
		subject = e.label(r.Future)
	} else if r.Callback != nil {
		subject = r.Callback.Name()
	}
	text := "handler " + message + " | " + subject
	if r.Err != nil {
		text += " | " + printError(r.Err)
	}
	e.log("loop", text)
}

func (e *env) main() {
	f := &frame{env: e, label: "main"}
	for _, n := range e.scenario.main {
		if s := f.node(n); s.err != nil {
			e.log("main", "raised "+printError(s.err))
		}
	}
}

func (e *env) assign(name string, v any) {
	before := e.globals[name]
	e.globals[name] = v
	drop(before)
}

func (e *env) contextVar(name string) *boucle.ContextVar[any] {
	if e.vars[name] == nil {
		e.vars[name] = boucle.NewContextVar[any](name, nil)
	}
	return e.vars[name]
}

// spawn makes a task of an invocation.
func (e *env) spawn(f *frame, group *boucle.TaskGroup) (*object, error) {
	make := e.loop.EnsureFuture
	if group != nil {
		make = group.EnsureFuture
	}
	started := false
	t, err := make(func(ctx *boucle.Ctx) (any, error) {
		started = true
		f.ctx = ctx
		return f.run()
	})
	if err != nil {
		f.close()
		return nil, err
	}
	t.Finally(func() {
		if !started {
			f.close()
		}
	})
	o := futureObject(&t.Future)
	e.labels[t.ID()] = f.label
	return o, nil
}
