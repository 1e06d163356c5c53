package boucle

import (
	"fmt"
	"os"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// Report is what the exception handler is told.
type Report struct {
	Message  string
	Err      error        // nil if there is none
	Future   *Future[any] // what it is about, or nil
	Callback *Callback    // the callback that failed, or nil
}

// SetExceptionHandler sets who is told of errors that nobody took; nil: they are printed to standard error. What is lost
// after Close is told on whatever goroutine finds it.
func (l *Loop) SetExceptionHandler(fn func(*Report)) { l.handler = fn }

func (l *Loop) report(r *Report) {
	if l.handler != nil {
		l.handler(r)
		return
	}
	fmt.Fprintf(os.Stderr, "boucle: %s\n", r.Message)
	if r.Err != nil {
		fmt.Fprintf(os.Stderr, "  %v\n", r.Err)
	}
}

func (l *Loop) takeReports() {
	for {
		var message, exception, future uintptr
		var id int64
		l.last.Lock()
		if raw.Host_take_report(l.host, &message, &exception, &future, &id) != 0 {
			l.last.Unlock()
			return
		}
		r := &Report{Message: goString(message), Err: errorOf(exception)}
		l.last.Unlock()
		if future != 0 {
			r.Future = &Future[any]{l.adopt(future)}
		}
		if id > 0 {
			r.Callback, _ = l.slots.get(id).(*Callback)
		}
		l.report(r)
		if r.Future != nil {
			r.Future.Release()
		}
	}
}

func goString(address uintptr) string {
	n := 0
	for *(*byte)(unsafe.Add(pointer(address), n)) != 0 {
		n++
	}
	return textAt(address, uintptr(n))
}
