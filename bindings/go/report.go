package boucle

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// Report is what the exception handler is told. A task that was destroyed while pending ends, with its goroutine, when Future
// is released, or found by Go's collector.
type Report struct {
	Message  string
	Err      error        // nil if there is none
	Future   *Future[any] // what it is about, or nil: a handle like any other, which may be kept, or Released
	Callback *Callback    // the callback that failed, or nil
}

// SetExceptionHandler sets who is told of errors that nobody took; nil: they are printed to standard error. It is called
// on the loop's behalf, on a goroutine of its own for which the loop waits: it may use the loop, but cannot await. If it
// panics, or calls runtime.Goexit, that is printed, and so is what it was to be told.
//
// What Go's collector finds after Close, when the loop and all that was made of it are out of use, is printed.
func (l *Loop) SetExceptionHandler(fn func(*Report)) { l.handler = fn }

func (l *Loop) report(r *Report) {
	if l.handler != nil {
		handler := l.handler
		err := l.callIsolated(func() { handler(r) })
		if err == nil {
			return
		}
		printReport(&Report{Message: "Unhandled error in exception handler", Err: err})
	}
	printReport(r)
}

// output is where reports are printed that no handler hears of; a test looks at them.
var output = struct {
	sync.Mutex
	io.Writer
}{Writer: os.Stderr}

func printText(text string) {
	output.Lock()
	defer output.Unlock()
	io.WriteString(output.Writer, text)
}

func printReport(r *Report) {
	text := fmt.Sprintf("boucle: %s\n", r.Message)
	if r.Err != nil {
		text += fmt.Sprintf("  %v\n", r.Err)
		var p *PanicError
		if asPanic(r.Err, &p) {
			text += string(p.Stack)
		}
	}
	printText(text)
}

// asPanic is errors.As, which calls methods of the program's errors.
func asPanic(err error, p **PanicError) (found bool) {
	defer func() { recover() }()
	return errors.As(err, p)
}

// callIsolated calls a function of the program's from the middle of this package: on a goroutine of its own, so that neither
// a panic nor runtime.Goexit ends what is under way here. It cannot await meanwhile.
func (l *Loop) callIsolated(fn func()) error {
	l.isolatedCalls++
	defer func() { l.isolatedCalls-- }()
	result := make(chan error, 1)
	go func() {
		returned := false
		defer func() {
			if returned {
				result <- nil
			} else {
				result <- &PanicError{Value: recover(), Stack: debug.Stack()}
			}
		}()
		fn()
		returned = true
	}()
	return <-result
}

// callReporting is the same for functions whose errors the exception handler hears of.
func (l *Loop) callReporting(message string, fn func()) {
	if err := l.callIsolated(fn); err != nil {
		l.report(&Report{Message: message, Err: err})
	}
}

// takeReports tells the handler what the library reported. What comes up while the handler runs is told after it returned.
func (l *Loop) takeReports() {
	if l.reporting {
		return
	}
	l.reporting = true
	defer func() { l.reporting = false }()
	for {
		r, future, id := takeReport(l.host.ptr)
		if r == nil {
			return
		}
		if future != 0 {
			r.Future = &Future[any]{l.adopt(future)}
		}
		if id > 0 {
			r.Callback, _ = l.slots.get(id).(*Callback)
		}
		l.report(r)
		if l.handler == nil && r.Future != nil {
			r.Future.Release()
		}
	}
}

// takeReport is the oldest report, or nil; the future is a new reference.
func takeReport(host uintptr) (r *Report, future uintptr, id int64) {
	var message, exception uintptr
	if raw.Host_take_report(host, &message, &exception, &future, &id) != 0 {
		return nil, 0, 0
	}
	return &Report{Message: stringAt(message), Err: takeError(exception)}, future, id
}

func stringAt(address uintptr) string {
	n := 0
	for *(*byte)(unsafe.Add(pointer(address), n)) != 0 {
		n++
	}
	return textAt(address, uintptr(n))
}
