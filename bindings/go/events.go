package boucle

import (
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// A step goes through four files, in this order: events.go takes its event, goroutine.go wakes the goroutine, await.go
// resumes the task and later suspends it, answers.go appends the answer. The next host_pump reads the answer.

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

// nextAction returns what is due next. Only the goroutine that has the loop calls it.
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

// pumpingKilled reports whether the task whose goroutine is in nextAction was killed. Then nextAction returns at once,
// so that the goroutine can end.
func (l *Loop) pumpingKilled() bool { return l.pumping != nil && l.pumping.killed }

// outdated reports whether the rest of the batch has to be dropped: see ORDER and HOST_STATE_LEFT in boucle/host.h.
func (h *host) outdated() bool {
	return (*h.withdrawn != h.withdrawnSeen || h.state[stateLeft] != 0) && !h.mustTakeFirst
}

// eventAt returns an event of the batch, which is valid until the next host_pump.
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
