package boucle

import (
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// endEvent appends the answer that ends the event.
func (h *host) endEvent(what, id, kind, payload int64) {
	h.appendAnswer(what, id, kind, payload)
	h.inEvent = false
}

// appendToEvent appends an answer that does not end the event.
func (h *host) appendToEvent(what, id int64) {
	h.beginEvent()
	h.appendAnswer(what, id, 0, 0)
}

// beginEvent tells the library that the code of this event is running.
func (h *host) beginEvent() {
	if h.inEvent && !h.begun && !h.inLibrary {
		h.begun = true
		h.appendAnswer(answerBegin, 0, 0, 0)
	}
}

// appendAnswer appends an answer. It does nothing if the loop is closed.
func (h *host) appendAnswer(what, id, kind, payload int64) {
	if h.answers == nil {
		return
	}
	if h.inLibrary {
		h.submitNested(hostAnswer{what, id, kind, payload})
		return
	}
	if h.answerCount == maxAnswers {
		h.submit()
	}
	h.answers[h.answerCount] = hostAnswer{what, id, kind, payload}
	h.answerCount++
}

// submitNested submits one answer of Go code that C calls during host_pump. It does not wait for the next host_pump,
// which may come much later.
func (h *host) submitNested(answer hostAnswer) {
	*h.nested = answer
	must(raw.Host_submit(h.ptr, uintptr(unsafe.Pointer(h.nested)), 1))
}

// submit submits the answers without running the loop.
func (h *host) submit() {
	n := h.answerCount
	h.answerCount = 0
	if n > 0 {
		h.inLibrary = true
		s := raw.Host_submit(h.ptr, uintptr(unsafe.Pointer(h.answers)), uintptr(n))
		h.inLibrary = false
		must(s)
	}
}

// flush submits the answers. It is called before each call of the library whose effect is seen elsewhere, so that the
// library first does what the running code has asked for so far.
func (l *Loop) flush() {
	if l.closed {
		l.releaseDeferred()
		return
	}
	l.host.beginEvent()
	l.host.submit()
}

// answerCallback ends the event of a callback, which failed with err unless that is nil.
func (l *Loop) answerCallback(err error) {
	l.callbackError = nil
	if err == nil {
		l.host.endEvent(answerEnd, 0, 0, 0)
		return
	}
	l.answerException(err)
}

// answerException ends the event with an exception. It submits at once because this may make a report.
func (l *Loop) answerException(err error) {
	exception := newException(err) // calls methods of err
	l.host.endEvent(answerRaise, 0, 0, int64(exception))
	l.host.submit()
	l.current = nil
	l.afterCall()
}
