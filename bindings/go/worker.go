package boucle

import (
	"runtime"
	"runtime/debug"
)

// One goroutine at a time has the turn: it runs the code of an event, and then finds the next one and hands the turn on.
// A task keeps its goroutine from its start to its end; callbacks, and new tasks, run on goroutines that are idle.

// worker is a goroutine of a loop.
type worker struct {
	wake chan struct{} // the turn; closed: end
	job  action
	busy *action // what it runs now
	name []byte  // in debug mode: of the goroutine
}

// drive gives the turn away until the run is over.
func (l *Loop) drive() {
	if !l.hand(l.advance(), nil) {
		<-l.finished
	}
	l.current = nil
	l.host.inEvent = false
}

// hand gives the turn to whoever the action belongs to; true: to the caller, which is self's goroutine, or drive's.
func (l *Loop) hand(a action, self *task) bool {
	switch a.kind {
	case actionOver:
		if self == nil {
			return true
		}
		l.finished <- struct{}{}
	case actionResume:
		if a.task == self {
			return true
		}
		a.task.worker.wake <- struct{}{}
	default:
		l.employ(a)
	}
	return false
}

// employ has an idle goroutine do it.
func (l *Loop) employ(a action) {
	if n := len(l.idle); n > 0 {
		w := l.idle[n-1]
		l.idle = l.idle[:n-1]
		w.job = a
		w.wake <- struct{}{}
		return
	}
	w := &worker{wake: make(chan struct{}, 1), job: a}
	go l.work(w)
}

func (l *Loop) work(w *worker) {
	defer l.workEnds(w)
	for {
		w.busy = &w.job
		l.dog.watch(w)
		l.perform(w)
		l.dog.rest()
		w.busy, w.job = nil, action{}
		switch a := l.advance(); a.kind {
		case actionOver, actionResume:
			l.idle = append(l.idle, w)
			if a.kind == actionOver {
				l.finished <- struct{}{}
			} else {
				a.task.worker.wake <- struct{}{}
			}
			if _, ok := <-w.wake; !ok {
				return
			}
		default:
			w.job = a
		}
	}
}

// workEnds runs when the goroutine ends; if in the middle of something, then by runtime.Goexit.
func (l *Loop) workEnds(w *worker) {
	if w.busy == nil {
		return
	}
	l.dog.rest()
	t := w.busy.task
	switch {
	case t != nil && t.ended != nil:
		close(t.ended) // kill goes on
		return
	case t != nil && t.killed:
		t.reportFailure()
	case t != nil:
		t.finish(nil, &PanicError{Stack: debug.Stack()})
	default:
		l.answerCallback(&PanicError{Stack: debug.Stack()})
	}
	go l.handOn()
}

// handOn finds what is next, for a goroutine that ends.
func (l *Loop) handOn() {
	if a := l.advance(); a.kind == actionOver {
		l.finished <- struct{}{}
	} else {
		l.hand(a, nil)
	}
}

func (l *Loop) perform(w *worker) {
	if t := w.job.task; t != nil {
		t.worker = w
		v, err := t.call()
		if t.killed { // a panic in one deferred call and runtime.Goexit in another have undone the Goexit of its end
			runtime.Goexit()
		}
		t.finish(v, err)
		return
	}
	l.answerCallback(l.callBack(&w.job))
}

// call runs the task's body; a panic is its error.
func (t *task) call() (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, &PanicError{Value: r, Stack: debug.Stack()}
			if t.killed { // of a deferred call; the goroutine goes on to its end
				t.failure = err
			}
		}
	}()
	if t.event[0] == eventStepFailed {
		return t.outcome()
	}
	return t.fn(&t.ctx)
}

func (l *Loop) callBack(a *action) (err error) {
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
	return l.raised
}

// Raise makes err the exception of the callback that runs: the exception handler hears of it.
func (l *Loop) Raise(err error) { l.raised = err }

func (l *Loop) answerCallback(err error) {
	l.raised = nil
	if err == nil {
		l.host.endEvent(answerEnd, 0, 0, 0)
		return
	}
	l.answerException(err)
}

// answerException ends the event by an exception; what comes of that is heard at once.
func (l *Loop) answerException(err error) {
	exception := exceptionOf(err) // calls methods of err
	l.host.endEvent(answerRaise, 0, 0, int64(exception))
	l.host.submit()
	l.current = nil
	l.afterCall()
}
