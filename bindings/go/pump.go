package boucle

import (
	"math"
	"time"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// boucle/host.h in Go; a test compares.
const (
	toldStep       = 1
	toldStepFailed = 2
	toldCall       = 3
	toldDoneCall   = 4
	toldReport     = 5

	sayBegin     = 0
	sayReturn    = 1
	sayRaise     = 2
	saySleep     = 3
	sayAwaitTask = 4
	sayEnd       = 5
	saySpawn     = 6
	sayCallSoon  = 7
	sayForget    = 8

	stateDroppedCount = 1
	stateDropped      = 2
	stateReports      = 3
	stateLeft         = 4
)

type words [4]int64

const mostAnswers = 1024

// pump is the two arrays that cross the border, and where the loop is in them.
type pump struct {
	host      uintptr
	state     *[5]int64
	reports   *int64
	withdrawn *int64
	events    uintptr // in C's memory, as the answers are
	answers   *[mostAnswers]words
	address   uintptr // of the answers
	said      int     // how many there are
	atOnce    *words  // the event of what needed no waiting; in C's memory too
	inside    *words  // an answer of Go code that C calls; the same
	crossing  bool    // C reads the answers, or runs the loop

	next, count int
	first       bool // the event that the library has begun is still to come: it must be answered
	withdrawnAt int64
	inEvent     bool // the code of an event runs
	begun       bool // ... of which the library knows
	droppedSeen int
	failed      int // the status of a pump that failed: the run is over
}

func (p *pump) open(host uintptr) {
	p.host = host
	p.state = (*[5]int64)(pointer(raw.Host_state(host)))
	p.reports = &p.state[stateReports]
	p.withdrawn = (*int64)(pointer(raw.Host_withdrawn(host)))
	p.events = raw.Host_events(host)
	size := unsafe.Sizeof(words{})
	p.address = raw.Swig_malloc(int((mostAnswers + 2) * size))
	p.answers = (*[mostAnswers]words)(pointer(p.address))
	p.atOnce = (*words)(pointer(p.address + mostAnswers*size))
	p.inside = (*words)(pointer(p.address + (mostAnswers+1)*size))
}

func (p *pump) close() {
	raw.Swig_free(p.address)
	p.address, p.answers, p.atOnce, p.inside = 0, nil, nil, nil
	p.said, p.next, p.count, p.inEvent = 0, 0, 0, false
}

func (p *pump) event(i int) words { return *(*words)(unsafe.Add(pointer(p.events), i*32)) }

// say appends an answer.
func (p *pump) say(what, id, kind, payload int64) {
	if p.address == 0 {
		return // the loop is closed
	}
	if p.crossing {
		p.sayInside(words{what, id, kind, payload})
		return
	}
	if p.said == mostAnswers {
		p.submit()
	}
	p.answers[p.said] = words{what, id, kind, payload}
	p.said++
}

// sayInside is for Go code that C calls from inside of the loop: nothing may follow for long, so it is heard at once.
func (p *pump) sayInside(answer words) {
	*p.inside = answer
	check(raw.Host_submit(p.host, uintptr(unsafe.Pointer(p.inside)), 1))
}

// sayMore appends one that does not end its event.
func (p *pump) sayMore(what, id int64) {
	p.begin()
	p.say(what, id, 0, 0)
}

// begin makes the event whose code runs the library's present one too.
func (p *pump) begin() {
	if p.inEvent && !p.begun && !p.crossing {
		p.begun = true
		p.say(sayBegin, 0, 0, 0)
	}
}

// sayLast appends the answer that ends the event.
func (p *pump) sayLast(what, id, kind, payload int64) {
	p.say(what, id, kind, payload)
	p.inEvent = false
}

func (p *pump) saySleep(d time.Duration) {
	p.sayLast(saySleep, 0, 0, int64(math.Float64bits(seconds(d))))
}

func (p *pump) submit() {
	n := p.said
	p.said = 0
	if n > 0 {
		p.crossing = true
		s := raw.Host_submit(p.host, p.address, uintptr(n))
		p.crossing = false
		check(s)
	}
}

// sync is called before anything of the library's whose effect is seen elsewhere: what this goroutine's code did so far
// comes first.
func (l *Loop) sync() {
	if l.closed {
		l.collect()
		return
	}
	l.pump.begin()
	l.pump.submit()
}

// after is called after it: the library may have had something to say.
func (l *Loop) after() {
	if *l.pump.reports > 0 {
		l.takeReports()
	}
	if int(l.pump.state[stateDroppedCount]) > l.pump.droppedSeen {
		l.takeDropped()
	}
	if foreignEnded() {
		l.reap()
	}
}

// takeDropped frees ids of which nothing can come any more.
func (l *Loop) takeDropped() {
	p := &l.pump
	for p.droppedSeen < int(p.state[stateDroppedCount]) {
		id := *(*int64)(unsafe.Add(pointer(uintptr(p.state[stateDropped])), p.droppedSeen*8))
		p.droppedSeen++
		switch s := l.slots.get(id).(type) {
		case *taskSlot:
			s.dropped = true
			if s.task != nil {
				s.task.kill()
			}
			l.slots.retire(s)
			l.finally(&s.last)
		case *Callback:
			l.slots.free(id)
			s.fn = nil
			l.finally(&s.last)
		}
	}
}

// finally calls what Finally was given.
func (l *Loop) finally(last *func()) {
	if fn := *last; fn != nil {
		*last = nil
		l.isolate("Exception in a function given to Finally", fn)
	}
}

// ---- one event after another ----

type actionKind int

const (
	actionOver   actionKind = iota // the run is over
	actionResume                   // a task goes on
	actionStart                    // a task starts
	actionCall                     // a callback
	actionPosted                   // a callback of another goroutine
)

type action struct {
	kind     actionKind
	task     *task
	callback *Callback
}

// advance is the next thing to do. Whoever calls it has the turn.
func (l *Loop) advance() action {
	p := &l.pump
	for {
		if l.driver != nil && l.driver.killed {
			return action{kind: actionOver} // its goroutine ends first
		}
		if p.next < p.count && !p.first && (*p.withdrawn != p.withdrawnAt || p.state[stateLeft] != 0) {
			p.next = p.count
		}
		if p.next == p.count {
			if !l.refill() {
				return action{kind: actionOver}
			}
			if l.driver != nil && l.driver.killed {
				continue
			}
		}
		e := p.event(p.next)
		p.next++
		p.first = p.first && e[0] == toldReport
		if a, ok := l.actionOf(&e); ok {
			return a
		}
	}
}

func (l *Loop) refill() bool {
	p := &l.pump
	l.collect()
	l.after()
	if l.driver != nil && l.driver.killed {
		return true
	}
	n := p.said
	p.said = 0
	p.droppedSeen = 0
	p.next, p.count = 0, 0
	p.crossing = true
	s := raw.Host_pump(p.host, p.address, uintptr(n))
	p.crossing = false
	if s == int(raw.LOOP_ERUNNING) { // C code that a loop calls, called this
		p.failed = s
		return false
	}
	check(s)
	p.count, p.first = s, true
	p.withdrawnAt = *p.withdrawn
	if p.state[stateDroppedCount] > 0 {
		l.takeDropped()
	}
	return s > 0
}

func (l *Loop) actionOf(e *words) (action, bool) {
	switch e[0] {
	case toldReport:
		l.takeReports()
		return action{}, false
	case toldStep, toldStepFailed:
		t := l.slots.get(e[1]).(*taskSlot).task
		t.told = *e
		l.begin(t)
		if t.worker == nil {
			return action{kind: actionStart, task: t}, true
		}
		return action{kind: actionResume, task: t}, true
	}
	l.begin(nil)
	if e[1] == 0 {
		return action{kind: actionPosted}, true
	}
	c := l.slots.get(e[1]).(*Callback)
	c.future = uintptr(e[3])
	return action{kind: actionCall, callback: c}, true
}

func (l *Loop) begin(t *task) {
	l.pump.inEvent, l.pump.begun = true, false
	l.current = t
}

// reap lets go of what Go values that the library is done with had to release.
func (l *Loop) reap() {
	for _, v := range foreignReap() {
		if r, ok := v.(Releaser); ok {
			l.isolate("Exception in Released", r.Released)
		}
	}
}

// Releaser is told when the library has let go of the last reference to it as a value.
type Releaser interface{ Released() }
