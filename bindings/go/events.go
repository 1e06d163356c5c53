package boucle

import (
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// The way of one step is a circle through four files: events.go takes the event, goroutine.go runs its code, await.go
// suspends and resumes the task, answers.go writes the answer, which the next host_pump reads.

type actionKind int

const (
	actionNone     actionKind = iota
	actionRunEnded            // the run is over
	actionResume              // a task resumes
	actionStart               // a task starts
	actionCall                // a callback is due
	actionPosted              // a callback that another goroutine posted is due
)

// action is what an event asks for.
type action struct {
	kind     actionKind
	task     *task
	callback *Callback
}

// nextAction returns what is due next. Only the goroutine that has the loop calls it, and it keeps the loop.
func (l *Loop) nextAction() action {
	h := &l.host
	for !l.pumpingKilled() {
		if h.outdated() {
			h.nextEvent = h.eventCount
		}
		if h.nextEvent == h.eventCount {
			if !l.pump() {
				break
			}
			continue
		}
		e := h.eventAt(h.nextEvent)
		h.nextEvent++
		if a := l.actionOf(e); a.kind != actionNone {
			return a
		}
	}
	return action{kind: actionRunEnded}
}

// pumpingKilled says whether the task whose goroutine looks for the next action is to end: its goroutine ends first.
func (l *Loop) pumpingKilled() bool { return l.pumping != nil && l.pumping.killed }

// outdated says whether the rest of the batch is not due any more: see ORDER and HOST_STATE_LEFT in boucle/host.h.
func (h *host) outdated() bool {
	return (*h.withdrawn != h.withdrawnSeen || h.state[stateLeft] != 0) && !h.mustTakeFirst
}

func (h *host) eventAt(i int) *hostEvent {
	return (*hostEvent)(unsafe.Add(unsafe.Pointer(h.events), uintptr(i)*unsafe.Sizeof(hostEvent{})))
}

// pump submits the answers and waits for the next batch of events. It returns false if there is none: the run is over, or
// the task whose goroutine calls this was killed.
func (l *Loop) pump() bool {
	h := &l.host
	l.releaseDeferred()
	l.afterCall()
	if l.pumpingKilled() {
		return false
	}
	n := h.answerCount
	h.answerCount, h.droppedSeen = 0, 0
	h.nextEvent, h.eventCount = 0, 0
	h.inLibrary = true
	s := raw.Host_pump(h.ptr, uintptr(unsafe.Pointer(h.answers)), uintptr(n))
	h.inLibrary = false
	if s == int(raw.LOOP_ERUNNING) { // the caller is C code that a loop calls
		h.status = s
		return false
	}
	must(s)
	h.eventCount, h.mustTakeFirst = s, true
	h.withdrawnSeen = *h.withdrawn
	if h.state[stateDroppedCount] > 0 {
		l.freeDropped()
	}
	return s > 0
}

// actionOf begins the event and returns its action; that of a report, which is taken here, is actionNone.
func (l *Loop) actionOf(e *hostEvent) action {
	if e.what == eventReport {
		l.takeReports()
		return action{}
	}
	l.host.mustTakeFirst = false
	l.host.inEvent, l.host.begun = true, false
	if e.what == eventStep || e.what == eventStepFailed {
		t := l.slots.get(e.id).(*taskSlot).task
		t.event = *e
		l.current = t
		if t.goroutine == nil {
			return action{kind: actionStart, task: t}
		}
		return action{kind: actionResume, task: t}
	}
	l.current = nil
	if e.id == 0 {
		return action{kind: actionPosted}
	}
	c := l.slots.get(e.id).(*Callback)
	c.future = uintptr(e.payload)
	return action{kind: actionCall, callback: c}
}
