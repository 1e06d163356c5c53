package boucle

import (
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// The constants of boucle/host.h; a test compares them.
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

// hostEvent and hostAnswer are the int64_t[4] of boucle/host.h.
type (
	hostEvent  struct{ what, id, kind, payload int64 }
	hostAnswer struct{ what, id, kind, payload int64 }
)

const maxAnswers = 1024

// host is the host_t of a loop, with the batch of events and the answers that were not submitted yet. events.go reads
// the events; answers.go writes the answers.
type host struct {
	ptr       uintptr
	state     *[5]int64 // host_state
	reports   *int64    // in state
	withdrawn *int64    // host_withdrawn

	events        *hostEvent // in the memory of C, as the answers are
	nextEvent     int        // index of the first event that was not taken
	eventCount    int
	mustTakeFirst bool  // the library has begun the first event: it has to be answered
	withdrawnSeen int64 // *withdrawn when the batch came
	droppedSeen   int   // how many dropped ids were freed

	answers     *[maxAnswers]hostAnswer
	answerCount int
	nested      *hostAnswer // the answer of Go code that C calls
	immediate   *hostEvent  // the event of an await that did not suspend the task

	inLibrary bool // host_pump or host_submit is running
	inEvent   bool // the code of an event is running
	begun     bool // ... and the library has been told: HOST_BEGIN
	status    int  // of a failed host_pump, which ends the run
}

func (h *host) open(ptr uintptr) {
	h.ptr = ptr
	h.state = (*[5]int64)(pointer(raw.Host_state(ptr)))
	h.reports = &h.state[stateReports]
	h.withdrawn = (*int64)(pointer(raw.Host_withdrawn(ptr)))
	h.events = (*hostEvent)(pointer(raw.Host_events(ptr)))
	const size = unsafe.Sizeof(hostAnswer{})
	answers := raw.Swig_malloc(int((maxAnswers + 2) * size))
	h.answers = (*[maxAnswers]hostAnswer)(pointer(answers))
	h.nested = (*hostAnswer)(pointer(answers + maxAnswers*size))
	h.immediate = (*hostEvent)(pointer(answers + (maxAnswers+1)*size))
}

func (h *host) close() {
	raw.Swig_free(uintptr(unsafe.Pointer(h.answers)))
	h.answers, h.nested, h.immediate = nil, nil, nil
	h.answerCount, h.nextEvent, h.eventCount, h.inEvent = 0, 0, 0, false
}

// afterCall is called after a call of the library that may have made reports, dropped ids, or destroyed Go values.
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

// freeDropped frees the ids that the library has dropped: it does not use them any more.
func (l *Loop) freeDropped() {
	h := &l.host
	for h.droppedSeen < int(h.state[stateDroppedCount]) {
		id := *(*int64)(unsafe.Add(pointer(uintptr(h.state[stateDropped])), h.droppedSeen*8))
		h.droppedSeen++
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

// runFinally calls the function that was given to Finally.
func (l *Loop) runFinally(finally *func()) {
	if fn := *finally; fn != nil {
		*finally = nil
		l.callReporting("Exception in a function given to Finally", fn)
	}
}

// callReleased calls Released of the Go values that the library no longer refers to.
func (l *Loop) callReleased() {
	for _, v := range takeDestroyed() {
		if r, ok := v.(Releaser); ok {
			l.callReporting("Exception in Released", r.Released)
		}
	}
}

// Releaser is a value whose method Released is called when the library has given up its last reference to it.
type Releaser interface{ Released() }
