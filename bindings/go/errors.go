package boucle

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"

	"boucle.dev/go/boucle/internal/raw"
)

// sentinel is an error for errors.Is. It matches by the kind of the exception, or by the status.
type sentinel struct {
	kind   string
	status int
	text   string
}

func (s *sentinel) Error() string { return "boucle: " + s.text }

// The errors of the library, for errors.Is. The errors that functions return have more detail: they are *Error.
var (
	ErrCancelled     error = &sentinel{"CancelledError", int(raw.LOOP_ECANCELLED), "cancelled"}
	ErrTimeout       error = &sentinel{"TimeoutError", 0, "timed out"}
	ErrInvalidState  error = &sentinel{"InvalidStateError", int(raw.LOOP_EINVALIDSTATE), "invalid state"}
	ErrQueueEmpty    error = &sentinel{"QueueEmpty", int(raw.LOOP_EQUEUEEMPTY), "the queue is empty"}
	ErrQueueFull     error = &sentinel{"QueueFull", int(raw.LOOP_EQUEUEFULL), "the queue is full"}
	ErrQueueShutDown error = &sentinel{"QueueShutDown", int(raw.LOOP_EQUEUESHUTDOWN), "the queue is shut down"}
	ErrBrokenBarrier error = &sentinel{"BrokenBarrierError", 0, "the barrier is broken"}
	ErrClosed        error = &sentinel{"", int(raw.LOOP_ECLOSED), "the loop is closed"}
	ErrRunning       error = &sentinel{"", int(raw.LOOP_ERUNNING), "the loop is already running"}
	ErrStopped       error = &sentinel{"", int(raw.LOOP_ESTOPPED), "the loop was stopped before the future was done"}
	ErrDeadlock      error = &sentinel{"", int(raw.LOOP_EDEADLOCK), "nothing is ready, and nothing can make it ready"}
	ErrNoTask        error = &sentinel{"", int(raw.LOOP_ENOTASK), "not called by the running task"}
	ErrNotLocked     error = &sentinel{"", int(raw.LOOP_ENOTLOCKED), "the lock is not acquired"}
	ErrOverReleased  error = &sentinel{"", int(raw.LOOP_EOVERRELEASED), "it was released more often than acquired"}
	ErrShuttingDown  error = &sentinel{"", int(raw.LOOP_ESHUTTINGDOWN), "the task group is shutting down, or finished"}
	ErrRecursion     error = &sentinel{"RecursionError", 0, "the tasks wait for each other in a cycle"}
	ErrExpired       error = &sentinel{"", int(raw.LOOP_EEXPIRED), "the timeout was not entered, or is over"}
	ErrWrongLoop     error = &sentinel{"", int(raw.LOOP_EWRONGLOOP), "it belongs to another loop"}
	// ErrNameNotResolved is a look-up that failed; errors.As gives its *GaiError.
	ErrNameNotResolved error = &sentinel{"gaierror", int(raw.LOOP_EGAI), "a name or an address could not be looked up"}
	ErrNoAddress       error = &sentinel{"", int(raw.LOOP_ENOADDRESS), "the host is not an IPv4 or IPv6 address"}
	ErrInvalid         error = &sentinel{"", -int(syscall.EINVAL), "an argument is nil, was released, or is not valid"}
	ErrNotSupported    error = &sentinel{"", int(raw.LOOP_ENOTSUPPORTED), "the object does not support this, or the library was built without it"}
)

// Error is an exception of the library or of another language. Its kind is a class name such as "ValueError". A task
// that returns it passes it on unchanged.
type Error struct {
	exception uintptr // owned
	kind      string
	message   string
	status    int
}

// NewError makes an exception. The kind is "ValueError" and so on, or any other name; "" stands for "Exception".
func NewError(kind, message string) *Error {
	var p uintptr
	if kind == "" {
		kind = "Exception"
	}
	must(raw.Exception_new(kind, message, &p))
	return adoptException(p)
}

// adoptException takes the reference over. Any thread may give up a reference to an exception.
func adoptException(p uintptr) *Error {
	e := &Error{exception: p, kind: raw.Exception_kind(p), message: raw.Exception_message(p), status: raw.Exception_status(p)}
	runtime.SetFinalizer(e, func(e *Error) { raw.Exception_unref(e.exception) })
	return e
}

// statusError returns the error that stands for the status; nil if the status is not negative.
func statusError(status int) error {
	if status >= 0 {
		return nil
	}
	var p uintptr
	if raw.Exception_new_from_status(status, &p) != 0 {
		return fmt.Errorf("boucle: %s", raw.Loop_status_name(status))
	}
	e := adoptException(p)
	e.status = status
	return e
}

func errInvalid() error { return statusError(-int(syscall.EINVAL)) }

// must panics if the status is negative. It is for calls that fail only if there is no memory, or if this package is
// wrong.
func must(status int) {
	if status < 0 {
		panic("boucle: " + raw.Loop_status_message(status) + " (" + raw.Loop_status_name(status) + ")")
	}
}

// Error returns the kind and the message. For a group, it adds those of the first members.
func (e *Error) Error() string { return e.text(maxTextDepth) }

const (
	maxTextDepth   = 3 // levels of groups in groups
	maxTextMembers = 8 // of one group
)

func (e *Error) text(depth int) string {
	text := e.kind
	if e.message != "" {
		text += ": " + e.message
	}
	defer runtime.KeepAlive(e)
	count := int(raw.Exception_member_count(e.exception))
	if count == 0 || depth == 0 {
		return text
	}
	members := make([]string, 0, maxTextMembers+1)
	for i := 0; i < count && i < maxTextMembers; i++ {
		switch m := e.member(i).(type) {
		case *Error:
			members = append(members, m.text(depth-1))
		default:
			members = append(members, fmt.Sprint(m))
		}
	}
	if count > maxTextMembers {
		members = append(members, fmt.Sprintf("and %d more", count-maxTextMembers))
	}
	return text + " [" + strings.Join(members, "; ") + "]"
}

func (e *Error) member(i int) error {
	return takeError(raw.Exception_ref(raw.Exception_member(e.exception, uintptr(i))))
}

// Kind returns the exception's class name.
func (e *Error) Kind() string { return e.kind }

// Message returns the exception's message, or "".
func (e *Error) Message() string { return e.message }

// errno returns the error number of the system that the exception was made of, or 0.
func (e *Error) errno() syscall.Errno {
	if e.status < 0 && e.status > -4096 {
		return syscall.Errno(-e.status)
	}
	return 0
}

// Is matches the errors of this package, context.Canceled and context.DeadlineExceeded. If the exception was made of an
// error number of the system, it matches what that syscall.Errno does: itself, and fs.ErrNotExist and the like. A group
// matches if one of its members does.
func (e *Error) Is(target error) bool {
	defer runtime.KeepAlive(e)
	switch s := target.(type) {
	case *sentinel:
		// The system's EINVAL is not ErrInvalid: the library has not refused an argument.
		hasStatus := s.status != 0 && s.status == e.status && e.kind != "OSError"
		if hasStatus || (s.kind != "" && raw.Exception_matches(e.exception, s.kind) == 1) {
			return true
		}
	}
	switch target {
	case context.Canceled:
		if e.kind == "CancelledError" && e.message != context.DeadlineExceeded.Error() {
			return true
		}
	case context.DeadlineExceeded: // also if the parent context ended so: the message says it in all languages
		if e.kind == "TimeoutError" || (e.kind == "CancelledError" && e.message == context.DeadlineExceeded.Error()) {
			return true
		}
	}
	if number := e.errno(); number != 0 && errors.Is(number, target) {
		return true
	}
	for _, member := range e.Members() {
		if errors.Is(member, target) {
			return true
		}
	}
	return false
}

// As gives a failed look-up as a *GaiError, and an exception that was made of an error number of the system as a
// *syscall.Errno. It looks for a match among the members of a group.
func (e *Error) As(target any) bool {
	defer runtime.KeepAlive(e)
	if gai, ok := target.(**GaiError); ok {
		if found := e.gaiError(); found != nil {
			*gai = found
			return true
		}
	}
	if number, ok := target.(*syscall.Errno); ok && e.errno() != 0 {
		*number = e.errno()
		return true
	}
	for _, member := range e.Members() {
		if errors.As(member, target) {
			return true
		}
	}
	return false
}

// Unwrap returns the cause, as in `raise ... from cause`.
func (e *Error) Unwrap() error {
	defer runtime.KeepAlive(e)
	p := raw.Exception_cause(e.exception)
	if p == 0 {
		return nil
	}
	return takeError(raw.Exception_ref(p))
}

// Members returns the members of an ExceptionGroup.
func (e *Error) Members() []error {
	defer runtime.KeepAlive(e)
	members := make([]error, raw.Exception_member_count(e.exception))
	for i := range members {
		members[i] = e.member(i)
	}
	return members
}

// Notes returns the lines that were added to the exception, such as tracebacks.
func (e *Error) Notes() []string {
	defer runtime.KeepAlive(e)
	notes := make([]string, raw.Exception_note_count(e.exception))
	for i := range notes {
		notes[i] = raw.Exception_note(e.exception, uintptr(i))
	}
	return notes
}

// PanicError is the error of a task that panicked or called runtime.Goexit.
type PanicError struct {
	Value any    // the argument of panic; nil for Goexit
	Stack []byte // of the goroutine
}

// Error returns "panic: " and the argument of panic.
func (p *PanicError) Error() string {
	if p.Value == nil {
		return "the code called runtime.Goexit"
	}
	return fmt.Sprintf("panic: %v", p.Value)
}

// Unwrap returns the argument of panic if it was an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// exceptionKind returns the kind of the exception that stands for a Go error: that of asyncio if there is one, and the
// name of the error's type otherwise. It calls methods of the error, which may panic.
func exceptionKind(err error) (kind string) {
	defer func() {
		if recover() != nil {
			kind = typeName(err)
		}
	}()
	var e *Error
	switch {
	case errors.Is(err, ErrCancelled) || errors.Is(err, context.Canceled):
		return "CancelledError"
	case errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded):
		return "TimeoutError"
	case errors.As(err, &e):
		return e.kind
	}
	for _, s := range []error{ErrInvalidState, ErrQueueEmpty, ErrQueueFull, ErrQueueShutDown, ErrBrokenBarrier} {
		if errors.Is(err, s) {
			return s.(*sentinel).kind
		}
	}
	return typeName(err)
}

func typeName(err error) string { return strings.TrimLeft(fmt.Sprintf("%T", err), "*") }

// newException returns a new reference to the exception of an *Error, or to a new exception that stands for the error.
func newException(err error) uintptr {
	if e, ok := err.(*Error); ok && e != nil {
		defer runtime.KeepAlive(e)
		return raw.Exception_ref(e.exception)
	}
	p := newForeignException(exceptionKind(err), fmt.Sprint(err), err) // Sprint recovers from panics
	var panicked *PanicError
	if asPanic(err, &panicked) && len(panicked.Stack) > 0 {
		var noted uintptr
		must(raw.Exception_new_with_note(p, string(panicked.Stack), &noted))
		raw.Exception_unref(p)
		p = noted
	}
	return p
}

// takeError takes the reference over. It returns the Go error that the exception was made of, if there is one.
func takeError(exception uintptr) error {
	if exception == 0 {
		return nil
	}
	if err, ok := foreignError(exception); ok {
		raw.Exception_unref(exception)
		return err
	}
	return adoptException(exception)
}
