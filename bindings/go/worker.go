package boucle

import (
	"runtime"
	"runtime/debug"
)

// One goroutine at a time has the turn: it runs the code of an event, and then finds the next one and hands the turn on.
// A task keeps its goroutine from its start to its end; callbacks, and new tasks, run on goroutines that are idle.

// goroutine is a goroutine of a loop.
type goroutine struct {
	wake      chan struct{} // the turn; closed: end
	action    action
	executing *action // what it runs now
	header    []byte  // in debug mode: of the goroutine
}

// runEvents gives the turn away until the run is over.
func (l *Loop) runEvents() {
	if !l.dispatch(l.nextAction(), nil) {
		<-l.runEnded
	}
	l.current = nil
	l.host.inEvent = false
}

// dispatch gives the turn to whoever the action belongs to; true: to the caller, which is self's goroutine, or drive's.
func (l *Loop) dispatch(a action, self *task) bool {
	switch a.kind {
	case actionRunEnded:
		if self == nil {
			return true
		}
		l.runEnded <- struct{}{}
	case actionResume:
		if a.task == self {
			return true
		}
		a.task.goroutine.wake <- struct{}{}
	default:
		l.runOnIdle(a)
	}
	return false
}

// runOnIdle has an idle goroutine do it.
func (l *Loop) runOnIdle(a action) {
	if n := len(l.idle); n > 0 {
		w := l.idle[n-1]
		l.idle = l.idle[:n-1]
		w.action = a
		w.wake <- struct{}{}
		return
	}
	w := &goroutine{wake: make(chan struct{}, 1), action: a}
	go l.runActions(w)
}

func (l *Loop) runActions(w *goroutine) {
	defer l.goroutineEnds(w)
	for {
		w.executing = &w.action
		l.watchdog.start(w)
		l.execute(w)
		l.watchdog.stop()
		w.executing, w.action = nil, action{}
		switch a := l.nextAction(); a.kind {
		case actionRunEnded, actionResume:
			l.idle = append(l.idle, w)
			if a.kind == actionRunEnded {
				l.runEnded <- struct{}{}
			} else {
				a.task.goroutine.wake <- struct{}{}
			}
			if _, ok := <-w.wake; !ok {
				return
			}
		default:
			w.action = a
		}
	}
}

// goroutineEnds runs when the goroutine ends; if in the middle of something, then by runtime.Goexit.
func (l *Loop) goroutineEnds(w *goroutine) {
	if w.executing == nil {
		return
	}
	l.watchdog.stop()
	t := w.executing.task
	switch {
	case t != nil && t.exited != nil:
		close(t.exited) // kill goes on
		return
	case t != nil && t.killed:
		t.reportDeferredPanic()
	case t != nil:
		t.finish(nil, &PanicError{Stack: debug.Stack()})
	default:
		l.answerCallback(&PanicError{Stack: debug.Stack()})
	}
	go l.dispatchNext()
}

// dispatchNext finds what is next, for a goroutine that ends.
func (l *Loop) dispatchNext() {
	if a := l.nextAction(); a.kind == actionRunEnded {
		l.runEnded <- struct{}{}
	} else {
		l.dispatch(a, nil)
	}
}

func (l *Loop) execute(w *goroutine) {
	if t := w.action.task; t != nil {
		t.goroutine = w
		v, err := t.runBody()
		if t.killed { // a panic in one deferred call and runtime.Goexit in another have undone the Goexit of its end
			runtime.Goexit()
		}
		t.finish(v, err)
		return
	}
	l.answerCallback(l.runCallback(&w.action))
}

// runBody runs the task's body; a panic is its error.
func (t *task) runBody() (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, &PanicError{Value: r, Stack: debug.Stack()}
			if t.killed { // of a deferred call; the goroutine goes on to its end
				t.deferredPanic = err
			}
		}
	}()
	if t.event[0] == eventStepFailed {
		return t.outcome()
	}
	return t.fn(&t.ctx)
}

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

// Raise makes err the exception of the callback that runs: the exception handler hears of it.
func (l *Loop) Raise(err error) { l.callbackError = err }

func (l *Loop) answerCallback(err error) {
	l.callbackError = nil
	if err == nil {
		l.host.endEvent(answerEnd, 0, 0, 0)
		return
	}
	l.answerException(err)
}

// answerException ends the event by an exception; what comes of that is heard at once.
func (l *Loop) answerException(err error) {
	exception := newException(err) // calls methods of err
	l.host.endEvent(answerRaise, 0, 0, int64(exception))
	l.host.submit()
	l.current = nil
	l.afterCall()
}
