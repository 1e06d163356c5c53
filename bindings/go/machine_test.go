package boucle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The random machine calls the whole public API, from everywhere, with all kinds of handles: pending, done, released, of a
// closed or of another loop, or nil. It checks that nothing crashes or hangs, that the errors are those that the operation
// documents, that a call that fails changes nothing that can be seen, and that nothing is left at the end.
//
//	BOUCLE_MACHINE=SEED[:STEPS[:ROUNDS]] [BOUCLE_MACHINE_LOUD=1] go test -race -run TestMachine

type machine struct {
	rng      *rand.Rand
	steps    int
	maxSteps int
	trace    []string // the last operations
	failure  string
	verbose  bool
	running  []*Loop // the innermost run last
	depth    int     // how many functions of the program are running inside of each other
	progress int64   // atomic; changes as long as the machine runs
	posters  sync.WaitGroup

	loops       []*Loop
	futures     []*Future[any]
	callbacks   []*Callback
	ctxs        []*Ctx
	locks       []*Lock
	events      []*Event
	conditions  []*Condition
	semaphores  []*Semaphore
	barriers    []*Barrier
	queues      []*Queue[any]
	scopes      []*Scope
	groups      []*TaskGroup
	completions []*Completion
	vars        []*ContextVar[any]
	reports     []*Report
	cancels     []context.CancelFunc
	pipe        [2]*os.File
}

const maxKept = 12 // of a kind

var machineErrors = []error{io.EOF, io.ErrClosedPipe, &codeError{3}, (*codeError)(nil), context.Canceled,
	context.DeadlineExceeded, ErrCancelled, ErrTimeout, ErrQueueFull, panickingError{}}

// documented are the errors of operations that await random code, or run the loop until it is done.
var documented = append([]error{ErrInvalidState, ErrQueueEmpty, ErrQueueShutDown, ErrBrokenBarrier, ErrClosed, ErrRunning,
	ErrStopped, ErrDeadlock, ErrNoTask, ErrNotLocked, ErrOverReleased, ErrShuttingDown, ErrExpired, ErrWrongLoop, ErrInvalid,
	ErrNotSupported}, machineErrors...)

// place says where an operation is called.
type place struct {
	ctx  *Ctx // of the running task; nil: there is none, or it must not await
	loop *Loop
}

type operation struct {
	name    string
	allowed []error // nil: documented
	do      func(m *machine, p place) error
}

func pick[T any](m *machine, from []T) (t T) {
	if len(from) == 0 {
		return t
	}
	return from[m.rng.Intn(len(from))]
}

func keep[T any](m *machine, to *[]T, v T) {
	if len(*to) < maxKept {
		*to = append(*to, v)
	} else {
		(*to)[m.rng.Intn(maxKept)] = v
	}
}

func (m *machine) oneIn(of int) bool { return m.rng.Intn(of) == 0 }

// someAwaitables returns up to four awaitables; a few of them are nil.
func (m *machine) someAwaitables() []Awaitable {
	as := make([]Awaitable, m.rng.Intn(5))
	for i := range as {
		as[i] = m.awaitable()
	}
	return as
}

func (m *machine) awaitable() Awaitable {
	switch m.rng.Intn(40) {
	case 0:
		return nil
	case 1:
		return (*Future[any])(nil)
	case 2:
		return &Task[any]{}
	}
	if f := pick(m, m.futures); f != nil {
		return f
	}
	return nil
}

func (m *machine) delay() time.Duration {
	return []time.Duration{0, -time.Second, time.Millisecond, time.Second, time.Minute, 1<<63 - 1, -1 << 63}[m.rng.Intn(7)]
}

func (m *machine) value() any {
	return []any{nil, true, -7, 2.5, "text", []byte("bytes"), []any{1, []any{"x"}}, &point{1, 2}, io.EOF}[m.rng.Intn(9)]
}

func (m *machine) ctx(p place) *Ctx {
	if p.ctx != nil && !m.oneIn(10) {
		return p.ctx
	}
	c := pick(m, m.ctxs)
	// If a task runs another loop, the code in that loop must not use the context of the task, which debug mode refuses: see
	// Ctx.
	if c != nil && c.Loop().watchdog == nil && c.Loop().IsRunning() && (len(m.running) == 0 || m.running[len(m.running)-1] != c.Loop()) {
		return p.ctx
	}
	if c == nil && p.ctx == nil {
		return &Ctx{}
	}
	return c
}

// step does one operation. It returns false when the machine has to stop.
func (m *machine) step(p place) bool {
	if m.steps >= m.maxSteps || m.failure != "" {
		return false
	}
	m.steps++
	atomic.AddInt64(&m.progress, 1)
	op := &operations[m.rng.Intn(len(operations))]
	if len(m.trace) > 60 {
		m.trace = m.trace[30:]
	}
	m.trace = append(m.trace, fmt.Sprintf("%d %s", m.steps, op.name))
	if m.verbose {
		fmt.Fprintln(os.Stderr, m.steps, op.name, m.depth, len(m.running), p.ctx != nil)
	}
	var before string
	looks := m.oneIn(8) && op.allowed != nil
	steps := m.steps // visibleState may call the handler, which may do more operations
	if looks {
		before = m.visibleState()
	}
	err := op.do(m, p)
	if err == nil {
		return true
	}
	if !m.known(err, op.allowed) {
		m.fail(fmt.Sprintf("%s: %T %v", op.name, err, describe(err)))
	}
	if looks && steps == m.steps && m.visibleState() != before {
		m.fail(fmt.Sprintf("%s failed with %v, and changed\n%s\nto\n%s", op.name, err, before, m.visibleState()))
	}
	return true
}

func describe(err error) string { return fmt.Sprint(err) }

func (m *machine) fail(text string) {
	if m.failure == "" {
		m.failure = text + "\n" + strings.Join(m.trace, "\n")
	}
}

func (m *machine) known(err error, allowed []error) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = true // its methods panic
		}
	}()
	var e *Error
	var panicked *PanicError
	if allowed == nil {
		allowed = documented
		if errors.As(err, &panicked) || (errors.As(err, &e) && (e.Kind() == "RuntimeError" || e.Kind() == "TypeError" || e.Kind() == "RecursionError")) {
			return true
		}
	}
	for _, sent := range allowed {
		if errors.Is(err, sent) {
			return true
		}
	}
	return false
}

// visibleState describes everything that a program can see.
func (m *machine) visibleState() string {
	var b strings.Builder
	for _, l := range m.loops {
		fmt.Fprint(&b, l.IsClosed(), l.IsRunning(), l.Time())
	}
	for _, f := range m.futures {
		fmt.Fprint(&b, " ", f.Done(), f.Cancelled())
	}
	for _, c := range m.callbacks {
		fmt.Fprint(&b, " ", c.Cancelled(), c.When())
	}
	for i := range m.locks {
		fmt.Fprint(&b, " ", m.locks[i].Locked())
	}
	for _, q := range m.queues {
		fmt.Fprint(&b, " ", q.Len(), q.Full(), q.Empty())
	}
	for _, s := range m.scopes {
		fmt.Fprint(&b, " ", s.State(), s.Expired())
	}
	for _, g := range m.groups {
		fmt.Fprint(&b, " ", g.State())
	}
	for _, x := range m.barriers {
		fmt.Fprint(&b, " ", x.Waiting(), x.Broken())
	}
	return b.String()
}

func (m *machine) newLoop() {
	opts := []Option{VirtualClock(), Batch([]int{1, 2, 256}[m.rng.Intn(3)])}
	if m.oneIn(3) {
		opts = append(opts, Debug(true))
	}
	l, err := NewLoop(opts...)
	if err != nil {
		m.fail(err.Error())
		return
	}
	l.SetExceptionHandler(m.handler(l))
	if len(m.loops) < 3 {
		m.loops = append(m.loops, l)
		return
	}
	i := m.rng.Intn(3)
	former := m.loops[i]
	if former.Close() != nil || m.loops[i] != former { // code that ran during Close has replaced it
		l.Close()
	} else {
		m.loops[i] = l
	}
}

// runs calls a function that runs a loop, and makes the run end.
func (m *machine) runs(l *Loop, run func() error) error {
	if l.IsRunning() || l.IsClosed() {
		return run()
	}
	if m.depth >= 6 {
		return nil
	}
	stop, _ := l.CallLater(time.Duration(m.rng.Intn(100))*time.Second, l.Stop)
	depth := m.depth
	m.running = append(m.running, l)
	m.depth = 5
	err := run()
	m.depth = depth
	m.running = m.running[:len(m.running)-1]
	stop.Cancel()
	return err
}

func runMachine(t *testing.T, seed int64, steps int) {
	objects, values, goroutines := LiveObjects(), foreignCount(), runtime.NumGoroutine()
	m := &machine{rng: rand.New(rand.NewSource(seed)), maxSteps: steps, verbose: os.Getenv("BOUCLE_MACHINE_LOUD") != ""}
	stop := m.watchProgress(seed)
	m.pipe[0], m.pipe[1], _ = os.Pipe()
	m.pipe[1].Write([]byte("always readable"))
	for m.steps < steps && m.failure == "" {
		if len(m.loops) < 3 || m.oneIn(200) {
			m.newLoop()
		}
		m.depth = 0
		m.step(place{loop: pick(m, m.loops)})
	}
	m.end()
	close(stop)
	if m.failure != "" {
		t.Fatalf("seed %d: %s", seed, m.failure)
	}
	trace := m.trace
	*m = machine{}
	defer func() {
		if t.Failed() {
			t.Logf("seed %d\n%s\n%s", seed, strings.Join(trace, "\n"), stacks())
		}
	}()
	waitUntilCollected(t, objects, values)
	for i := 0; i < 1000 && runtime.NumGoroutine() > goroutines; i++ {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Fatalf("seed %d: %d goroutines are left", seed, n-goroutines)
	}
}

// end closes the loops and all else that the machine has opened.
func (m *machine) end() {
	for _, cancel := range m.cancels {
		cancel()
	}
	m.posters.Wait()
	m.maxSteps = 0
	for _, l := range m.loops {
		l.Close()
	}
	m.pipe[0].Close()
	m.pipe[1].Close()
}

// watchProgress ends the process if there is no progress for long.
func (m *machine) watchProgress(seed int64) chan struct{} {
	stop := make(chan struct{})
	alive := &m.progress
	go func() {
		for seen := int64(-1); ; {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Second):
			}
			now := atomic.LoadInt64(alive)
			if now == seen {
				fmt.Fprintf(os.Stderr, "seed %d hangs\n%s\n%s\n", seed, strings.Join(m.trace, "\n"), stacks())
				os.Exit(2)
			}
			seen = now
		}
	}()
	return stop
}

func stacks() []byte {
	text := make([]byte, 1<<20)
	return text[:runtime.Stack(text, true)]
}

func TestMachine(t *testing.T) {
	captureOutput(t)
	seed, steps, rounds := time.Now().UnixNano(), 1000, 20
	if text := os.Getenv("BOUCLE_MACHINE"); text != "" {
		parts := strings.Split(text, ":")
		seed, _ = strconv.ParseInt(parts[0], 10, 64)
		rounds = 1
		if len(parts) > 1 {
			steps, _ = strconv.Atoi(parts[1])
		}
		if len(parts) > 2 {
			rounds, _ = strconv.Atoi(parts[2])
		}
	}
	t.Logf("BOUCLE_MACHINE=%d:%d:%d", seed, steps, rounds)
	fmt.Fprintf(os.Stderr, "BOUCLE_MACHINE=%d:%d:%d\n", seed, steps, rounds)
	for i := 0; i < rounds; i++ {
		runMachine(t, seed+int64(i), steps)
	}
}
