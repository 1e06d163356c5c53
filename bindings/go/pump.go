package boucle

import (
	"math"
	"time"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// boucle/host.h in Go; a test compares.
const (
	eventStep       = 1
	eventStepFailed = 2
	eventCall       = 3
	eventDoneCall   = 4
	eventReport     = 5

	answerBegin     = 0
	answerReturn    = 1
	answerRaise     = 2
	answerSleep     = 3
	answerAwaitTask = 4
	answerEnd       = 5
	answerSpawn     = 6
	answerCallSoon  = 7
	answerForget    = 8

	stateDroppedCount = 1
	stateDropped      = 2
	stateReports      = 3
	stateLeft         = 4
)

type words [4]int64

const maxAnswers = 1024

// host is the two arrays that cross the border, and where the loop is in them.
type host struct {
	ptr         uintptr
	state       *[5]int64
	reports     *int64
	withdrawn   *int64
	eventsPtr   uintptr // in C's memory, as the answers are
	answers     *[maxAnswers]words
	answersPtr  uintptr // of the answers
	answerCount int     // how many there are
	immediate   *words  // the event of what needed no waiting; in C's memory too
	nested      *words  // an answer of Go code that C calls; the same
	inLibrary   bool    // C reads the answers, or runs the loop

	nextEvent, eventCount int
	mustTakeFirst         bool // the event that the library has begun is still to come: it must be answered
	withdrawnSeen         int64
	inEvent               bool // the code of an event runs
	begun                 bool // ... of which the library knows
	droppedSeen           int
	status                int // the status of a pump that failed: the run is over
}

func (p *host) open(host uintptr) {
	p.ptr = host
	p.state = (*[5]int64)(pointer(raw.Host_state(host)))
	p.reports = &p.state[stateReports]
	p.withdrawn = (*int64)(pointer(raw.Host_withdrawn(host)))
	p.eventsPtr = raw.Host_events(host)
	size := unsafe.Sizeof(words{})
	p.answersPtr = raw.Swig_malloc(int((maxAnswers + 2) * size))
	p.answers = (*[maxAnswers]words)(pointer(p.answersPtr))
	p.immediate = (*words)(pointer(p.answersPtr + maxAnswers*size))
	p.nested = (*words)(pointer(p.answersPtr + (maxAnswers+1)*size))
}

func (p *host) close() {
	raw.Swig_free(p.answersPtr)
	p.answersPtr, p.answers, p.immediate, p.nested = 0, nil, nil, nil
	p.answerCount, p.nextEvent, p.eventCount, p.inEvent = 0, 0, 0, false
}

func (p *host) eventAt(i int) words { return *(*words)(unsafe.Add(pointer(p.eventsPtr), i*32)) }

// appendAnswer appends an answer.
func (p *host) appendAnswer(what, id, kind, payload int64) {
	if p.answersPtr == 0 {
		return // the loop is closed
	}
	if p.inLibrary {
		p.submitNested(words{what, id, kind, payload})
		return
	}
	if p.answerCount == maxAnswers {
		p.submit()
	}
	p.answers[p.answerCount] = words{what, id, kind, payload}
	p.answerCount++
}

// submitNested is for Go code that C calls from inside of the loop: nothing may follow for long, so it is heard at once.
func (p *host) submitNested(answer words) {
	*p.nested = answer
	must(raw.Host_submit(p.ptr, uintptr(unsafe.Pointer(p.nested)), 1))
}

// appendToEvent appends one that does not end its event.
func (p *host) appendToEvent(what, id int64) {
	p.beginEvent()
	p.appendAnswer(what, id, 0, 0)
}

// beginEvent makes the event whose code runs the library's present one too.
func (p *host) beginEvent() {
	if p.inEvent && !p.begun && !p.inLibrary {
		p.begun = true
		p.appendAnswer(answerBegin, 0, 0, 0)
	}
}

// endEvent appends the answer that ends the event.
func (p *host) endEvent(what, id, kind, payload int64) {
	p.appendAnswer(what, id, kind, payload)
	p.inEvent = false
}

func (p *host) endEventAsleep(d time.Duration) {
	p.endEvent(answerSleep, 0, 0, int64(math.Float64bits(seconds(d))))
}

func (p *host) submit() {
	n := p.answerCount
	p.answerCount = 0
	if n > 0 {
		p.inLibrary = true
		s := raw.Host_submit(p.ptr, p.answersPtr, uintptr(n))
		p.inLibrary = false
		must(s)
	}
}

// flush is called before anything of the library's whose effect is seen elsewhere: what this goroutine's code did so far
// comes first.
func (l *Loop) flush() {
	if l.closed {
		l.releaseDeferred()
		return
	}
	l.host.beginEvent()
	l.host.submit()
}

// afterCall is called after it: the library may have had something to say.
func (l *Loop) afterCall() {
	if *l.host.reports > 0 {
		l.takeReports()
	}
	if int(l.host.state[stateDroppedCount]) > l.host.droppedSeen {
		l.freeDropped()
	}
	if foreignDestroyed() {
		l.callReleased()
	}
}

// freeDropped frees ids of which nothing can come any more.
func (l *Loop) freeDropped() {
	p := &l.host
	for p.droppedSeen < int(p.state[stateDroppedCount]) {
		id := *(*int64)(unsafe.Add(pointer(uintptr(p.state[stateDropped])), p.droppedSeen*8))
		p.droppedSeen++
		switch s := l.slots.get(id).(type) {
		case *taskSlot:
			s.dropped = true
			if s.task != nil {
				s.task.kill()
			}
			l.slots.freeTask(s)
			l.runFinally(&s.finally)
		case *Callback:
			l.slots.free(id)
			s.fn = nil
			l.runFinally(&s.finally)
		}
	}
}

// runFinally calls what Finally was given.
func (l *Loop) runFinally(last *func()) {
	if fn := *last; fn != nil {
		*last = nil
		l.callReporting("Exception in a function given to Finally", fn)
	}
}

// ---- one event after another ----

type actionKind int

const (
	actionRunEnded actionKind = iota // the run is over
	actionResume                     // a task goes on
	actionStart                      // a task starts
	actionCall                       // a callback
	actionPosted                     // a callback of another goroutine
)

type action struct {
	kind     actionKind
	task     *task
	callback *Callback
}

// nextAction is the next thing to do. Whoever calls it has the turn.
func (l *Loop) nextAction() action {
	p := &l.host
	for {
		if l.pumping != nil && l.pumping.killed {
			return action{kind: actionRunEnded} // its goroutine ends first
		}
		if p.nextEvent < p.eventCount && !p.mustTakeFirst && (*p.withdrawn != p.withdrawnSeen || p.state[stateLeft] != 0) {
			p.nextEvent = p.eventCount
		}
		if p.nextEvent == p.eventCount {
			if !l.pump() {
				return action{kind: actionRunEnded}
			}
			if l.pumping != nil && l.pumping.killed {
				continue
			}
		}
		e := p.eventAt(p.nextEvent)
		p.nextEvent++
		p.mustTakeFirst = p.mustTakeFirst && e[0] == eventReport
		if a, ok := l.actionOf(&e); ok {
			return a
		}
	}
}

func (l *Loop) pump() bool {
	p := &l.host
	l.releaseDeferred()
	l.afterCall()
	if l.pumping != nil && l.pumping.killed {
		return true
	}
	n := p.answerCount
	p.answerCount = 0
	p.droppedSeen = 0
	p.nextEvent, p.eventCount = 0, 0
	p.inLibrary = true
	s := raw.Host_pump(p.ptr, p.answersPtr, uintptr(n))
	p.inLibrary = false
	if s == int(raw.LOOP_ERUNNING) { // C code that a loop calls, called this
		p.status = s
		return false
	}
	must(s)
	p.eventCount, p.mustTakeFirst = s, true
	p.withdrawnSeen = *p.withdrawn
	if p.state[stateDroppedCount] > 0 {
		l.freeDropped()
	}
	return s > 0
}

func (l *Loop) actionOf(e *words) (action, bool) {
	switch e[0] {
	case eventReport:
		l.takeReports()
		return action{}, false
	case eventStep, eventStepFailed:
		t := l.slots.get(e[1]).(*taskSlot).task
		t.event = *e
		l.setCurrent(t)
		if t.goroutine == nil {
			return action{kind: actionStart, task: t}, true
		}
		return action{kind: actionResume, task: t}, true
	}
	l.setCurrent(nil)
	if e[1] == 0 {
		return action{kind: actionPosted}, true
	}
	c := l.slots.get(e[1]).(*Callback)
	c.future = uintptr(e[3])
	return action{kind: actionCall, callback: c}, true
}

func (l *Loop) setCurrent(t *task) {
	l.host.inEvent, l.host.begun = true, false
	l.current = t
}

// callReleased lets go of what Go values that the library is done with had to release.
func (l *Loop) callReleased() {
	for _, v := range takeDestroyed() {
		if r, ok := v.(Releaser); ok {
			l.callReporting("Exception in Released", r.Released)
		}
	}
}

// Releaser is told when the library has let go of the last reference to it as a value.
type Releaser interface{ Released() }
