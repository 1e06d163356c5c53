package boucle

import (
	"runtime"
	"runtime/debug"
)

// One goroutine at a time has the loop, which means that it alone may use it. It runs the code of an event, finds the
// next action, and passes the loop to the goroutine of that action. A task has the same goroutine from its start to its
// end. Callbacks, and tasks that start, run on idle goroutines.

// goroutine is a goroutine of a loop.
type goroutine struct {
	wake   chan struct{} // passes the loop; closed: the goroutine ends
	action action        // that it runs
	header []byte        // in debug mode: the first words of its stack
}

// runEvents passes the loop on, and returns when the run is over.
func (l *Loop) runEvents() {
	l.dispatch(l.nextAction())
	<-l.runEnded
	l.current = nil
	l.host.inEvent = false
}

// dispatch passes the loop to the goroutine that the action is for.
func (l *Loop) dispatch(a action) {
	switch a.kind {
	case actionRunEnded:
		l.runEnded <- struct{}{}
	case actionResume:
		a.task.goroutine.wake <- struct{}{}
	default:
		l.runOnIdle(a)
	}
}

// runOnIdle runs the action on an idle goroutine, or a new one.
func (l *Loop) runOnIdle(a action) {
	if n := len(l.idle); n > 0 {
		g := l.idle[n-1]
		l.idle = l.idle[:n-1]
		g.action = a
		g.wake <- struct{}{}
		return
	}
	g := &goroutine{wake: make(chan struct{}, 1), action: a}
	go l.runActions(g)
}

// runActions is the code of a goroutine of the loop.
func (l *Loop) runActions(g *goroutine) {
	defer l.goroutineEnds(g)
	for {
		l.watchdog.start(g)
		l.execute(g)
		l.watchdog.stop()
		g.action = action{}
		a := l.nextAction()
		if a.kind != actionRunEnded && a.kind != actionResume {
			g.action = a
			continue
		}
		l.idle = append(l.idle, g)
		l.dispatch(a)
		if _, ok := <-g.wake; !ok {
			return
		}
	}
}

// goroutineEnds runs at the end of a goroutine. If the goroutine has an action still, its code called runtime.Goexit.
func (l *Loop) goroutineEnds(g *goroutine) {
	if g.action.kind == actionNone {
		return
	}
	l.watchdog.stop()
	t := g.action.task
	switch {
	case t != nil && t.exited != nil:
		close(t.exited) // kill waits for this
		return
	case t != nil && t.killed:
		t.reportDeferredPanic()
	case t != nil:
		t.finish(nil, &PanicError{Stack: debug.Stack()})
	default:
		l.answerCallback(&PanicError{Stack: debug.Stack()})
	}
	go func() { l.dispatch(l.nextAction()) }()
}

// execute runs the code of the goroutine's action, and answers the event.
func (l *Loop) execute(g *goroutine) {
	if t := g.action.task; t != nil {
		t.goroutine = g
		v, err := t.runBody()
		if t.killed { // a panic in one deferred call and runtime.Goexit in another have undone the Goexit of its end
			runtime.Goexit()
		}
		t.finish(v, err)
		return
	}
	l.answerCallback(l.runCallback(&g.action))
}

// runBody calls the task's function. A panic becomes an error.
func (t *task) runBody() (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, &PanicError{Value: r, Stack: debug.Stack()}
			if t.killed { // a deferred call panicked; the goroutine still ends
				t.deferredPanic = err
			}
		}
	}()
	if t.event.what == eventStepFailed {
		return t.outcome()
	}
	return t.fn(&t.ctx)
}

// runCallback calls the callback. A panic becomes an error.
func (l *Loop) runCallback(a *action) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	if a.kind == actionPosted {
		l.mu.Lock()
		fn := l.posted[0]
		l.posted[0] = nil
		l.posted = l.posted[1:]
		l.mu.Unlock()
		fn()
	} else {
		a.callback.fn()
	}
	return l.callbackError
}

// Raise sets the error of the running callback. The exception handler is called with it.
func (l *Loop) Raise(err error) { l.callbackError = err }
