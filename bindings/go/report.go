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

// Report is the argument of the exception handler. If it is about a task that was destroyed while pending, the task and
// its goroutine end when Future is released, or found by Go's collector.
type Report struct {
	Message  string
	Err      error        // nil if there is none
	Future   *Future[any] // that the report is about, or nil; the handler may keep or release it
	Callback *Callback    // the callback that failed, or nil
}

// SetExceptionHandler sets the function that is called for errors that nothing else receives. If it is nil, these are
// printed to standard error. The handler runs on a goroutine of its own, and the loop waits for it: it may use the
// loop, but cannot await. If it panics or calls runtime.Goexit, that is printed, and so is the report.
//
// What Go's collector finds after Close, when the program cannot use the loop or its objects any more, is printed.
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

// output is where reports without a handler are printed; a test replaces it.
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

// asPanic is errors.As, which calls methods of the program's errors. They may panic.
func asPanic(err error, p **PanicError) (found bool) {
	defer func() { recover() }()
	return errors.As(err, p)
}

// callIsolated calls a function of the program on a goroutine of its own and waits for it. So neither a panic nor
// runtime.Goexit ends the goroutine that calls this. The function cannot await.
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

// callReporting is callIsolated, but reports the error.
func (l *Loop) callReporting(message string, fn func()) {
	if err := l.callIsolated(fn); err != nil {
		l.report(&Report{Message: message, Err: err})
	}
}

// takeReports calls the handler for each report of the library. Reports that the handler causes come after it has
// returned.
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

// takeReport returns the oldest report, or nil. The future is a new reference.
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
