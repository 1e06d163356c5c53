package boucle

import (
	"context"
	"math"
	"runtime"
	"sync"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Loop is an event loop. A loop, and all that belongs to it, is for one goroutine at a time: whoever runs it, or the task
// or callback that runs on it; CallSoonThreadsafe and StopThreadsafe are for all others.
type Loop struct {
	ptr, hostPtr uintptr // for as long as bin is in use
	releases     *deferredReleases
	virtual      bool
	closed       bool
	closedAt     time.Duration
	handler      func(*Report)

	host          host
	slots         slots
	lastSerial    uint64       // of the task that was made last
	current       *task        // whose goroutine has the turn
	pumping       *task        // which waits, and whose goroutine meanwhile looks for what is next
	isolatedCalls int          // how many functions are called by isolated
	reporting     bool         // takeReports is under way
	callbackError error        // of the callback that runs
	idle          []*goroutine // goroutines without work
	runEnded      chan struct{}
	watchdog      *watchdog              // in debug mode
	blockingCalls map[*blockingCall]bool // what Block waits for

	mu            sync.Mutex // of what follows, which other goroutines use
	posted        []func()
	closedToPosts bool
}

type options struct {
	virtual    bool
	debug      *bool
	poller     string
	batch      int
	spin       time.Duration
	timerSlack *time.Duration
	postLimit  int
}

// Option is what NewLoop takes.
type Option func(*options)

// VirtualClock makes time stand still while anything is ready, and jump to the next timer otherwise: for tests.
func VirtualClock() Option { return func(o *options) { o.virtual = true } }

// Debug switches the debug mode on or off; the default is BOUCLE_DEBUG in the environment.
func Debug(on bool) Option { return func(o *options) { o.debug = &on } }

// Poller chooses "epoll" or "poll"; the default, "", is the better one. NewLoop fails for all other names.
func Poller(name string) Option { return func(o *options) { o.poller = name } }

var pollers = map[string]int32{
	"": raw.LOOP_POLLER_AUTO, "epoll": raw.LOOP_POLLER_EPOLL, "poll": raw.LOOP_POLLER_POLL,
}

// Batch is how many steps cross the border at once, at most; the default is 256.
func Batch(most int) Option { return func(o *options) { o.batch = most } }

// Spin is how long a loop without work looks for some before its thread sleeps, which makes answers to other goroutines
// quicker, for a processor that is busy meanwhile; the default is 0. NewLoop fails if it is negative. See
// loop_options_set_spin.
func Spin(d time.Duration) Option { return func(o *options) { o.spin = d } }

// TimerSlack is how long a sleep lasts at least where timers come in crowds; the default is a millisecond, and 0 makes all
// timers exact. NewLoop fails if it is negative. See loop_options_set_timer_slack.
func TimerSlack(d time.Duration) Option { return func(o *options) { o.timerSlack = &d } }

// PostLimit is how many bytes of callbacks that other goroutines posted may wait for the loop; the default, 0, is 64 MiB.
// NewLoop fails if it is negative. See loop_options_set_post_limit.
func PostLimit(bytes int) Option { return func(o *options) { o.postLimit = bytes } }

// NewLoop makes a loop. Close it in the end.
func NewLoop(opts ...Option) (*Loop, error) {
	o := options{batch: 256}
	for _, option := range opts {
		option(&o)
	}
	l := &Loop{runEnded: make(chan struct{}, 1), virtual: o.virtual, blockingCalls: map[*blockingCall]bool{}}
	if err := l.open(&o); err != nil {
		return nil, err
	}
	l.releases = &deferredReleases{loop: l.ptr, host: l.hostPtr}
	runtime.SetFinalizer(l.releases, (*deferredReleases).finalize)
	must(raw.Host_take_reports(l.hostPtr))
	l.host.open(l.hostPtr)
	if raw.Loop_get_debug(l.ptr) == 1 {
		l.watchdog = newWatchdog()
	}
	return l, nil
}

func (l *Loop) open(o *options) error {
	var p uintptr
	must(raw.Loop_options_new(&p))
	defer raw.Loop_options_unref(p)
	if o.virtual {
		must(raw.Loop_options_set_clock(p, raw.LOOP_CLOCK_VIRTUAL))
	}
	if o.debug != nil {
		on := 0
		if *o.debug {
			on = 1
		}
		must(raw.Loop_options_set_debug(p, on))
	}
	poller, known := pollers[o.poller]
	if !known {
		return errInvalid()
	}
	must(raw.Loop_options_set_poller(p, poller))
	if s := raw.Loop_options_set_spin(p, seconds(o.spin)); s != 0 {
		return statusError(s)
	}
	if o.timerSlack != nil {
		if s := raw.Loop_options_set_timer_slack(p, seconds(*o.timerSlack)); s != 0 {
			return statusError(s)
		}
	}
	if o.postLimit < 0 {
		return errInvalid()
	}
	if o.postLimit > 0 {
		must(raw.Loop_options_set_post_limit(p, uintptr(o.postLimit)))
	}
	var loop, host uintptr // not in a struct: what C writes to has no Go pointers around it
	if s := raw.Loop_new(p, &loop); s != 0 {
		return statusError(s)
	}
	if s := raw.Host_new(loop, uintptr(o.batch), &host); s != 0 {
		raw.Loop_unref(loop)
		return statusError(s)
	}
	l.ptr, l.hostPtr = loop, host
	return nil
}

// Close drops what is scheduled and cancels nothing; the goroutines of tasks that are not done end, as by runtime.Goexit.
// Futures stay readable. A second call does nothing. ErrRunning if the loop runs.
func (l *Loop) Close() error {
	if l.closed {
		return nil
	}
	l.flush()
	if raw.Loop_is_running(l.ptr) == 1 {
		return statusError(int(raw.LOOP_ERUNNING))
	}
	l.endBlockingCalls()
	if s := raw.Loop_close(l.ptr); s != 0 {
		return statusError(s)
	}
	l.closedAt = duration(raw.Loop_time(l.ptr))
	l.closed = true
	l.killTasks()
	l.afterCall()
	for _, w := range l.idle {
		close(w.wake)
	}
	l.idle = nil
	l.releaseDeferred()
	l.afterCall()
	l.mu.Lock()
	l.posted, l.closedToPosts = nil, true
	l.mu.Unlock()
	l.host.close()
	l.slots = slots{}
	l.current, l.callbackError = nil, nil
	l.watchdog.end()
	l.callReleased()
	return nil
}

// killTasks ends the goroutines of tasks that nothing can wake any more.
func (l *Loop) killTasks() {
	for _, s := range l.slots.entries {
		s, ok := s.(*taskSlot)
		if !ok {
			continue
		}
		if t := s.task; t != nil {
			t.kill()
			s.task = nil
		}
		if p := raw.Host_task(l.hostPtr, s.id); p != 0 {
			s.own = l.own(raw.Future_ref(raw.Task_as_future(p)), raw.Future_unref)
			s.forgotten = true
			raw.Host_forget(l.hostPtr, s.id)
		}
	}
}

// IsClosed says whether Close was called.
func (l *Loop) IsClosed() bool { return l.closed }

// IsRunning says whether the loop runs now.
func (l *Loop) IsRunning() bool { return !l.closed && raw.Loop_is_running(l.ptr) == 1 }

// Time is the loop's clock.
func (l *Loop) Time() time.Duration {
	if l.closed {
		return l.closedAt
	}
	return duration(raw.Loop_time(l.ptr))
}

func seconds(d time.Duration) float64 { return d.Seconds() }

func duration(seconds float64) time.Duration {
	ns := seconds * 1e9
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	if ns < 0 {
		return time.Duration(ns - 0.5)
	}
	return time.Duration(ns + 0.5)
}

// RunUntilComplete runs until the awaitable is done, and returns its outcome. Errors of the run itself: ErrRunning,
// ErrStopped, ErrDeadlock (a virtual clock only), ErrClosed, ErrWrongLoop; ErrInvalid if it is nil or was released. The
// function RunUntilComplete returns it with its type.
func (l *Loop) RunUntilComplete(a Awaitable) (any, error) {
	f, err := l.futureOf(a)
	if err != nil {
		return nil, err
	}
	p := f.address()
	if p == 0 {
		return nil, errInvalid()
	}
	held := l.adopt(raw.Future_ref(p)) // it may be released meanwhile
	defer held.release()
	if err := l.run(p); err != nil {
		return nil, err
	}
	if f.resultKnown() || !f.released {
		return f.result()
	}
	return held.result()
}

// RunUntilComplete is the method of that name for an awaitable of a known type. It is a function because Go's methods have
// no type parameters. Before Go 1.21, T is given: RunUntilComplete[int](loop, task).
func RunUntilComplete[T any](l *Loop, a AwaitableOf[T]) (T, error) {
	return As[T](l.RunUntilComplete(a))
}

// RunForever runs until Stop.
func (l *Loop) RunForever() error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	return l.run(0)
}

// Stop ends the run at the end of the present turn; called before a run, that run makes one turn.
func (l *Loop) Stop() {
	if !l.closed {
		l.flush()
		raw.Loop_stop(l.ptr)
	}
}

// StopThreadsafe is Stop for other goroutines.
func (l *Loop) StopThreadsafe() { l.CallSoonThreadsafe(l.Stop) }

// run drives the loop until it ends, or the future is done.
func (l *Loop) run(until uintptr) error {
	l.flush()
	if s := raw.Host_run_begin(l.hostPtr, until); s != 0 {
		return statusError(s)
	}
	l.host.status = 0
	inside, reporting := l.isolatedCalls, l.reporting // by the exception handler, perhaps
	l.isolatedCalls, l.reporting = 0, false
	l.runEvents()
	l.isolatedCalls, l.reporting = inside, reporting
	s := raw.Host_run_end(l.hostPtr)
	if l.host.status != 0 {
		s = l.host.status
	}
	l.afterCall()
	if s == int(raw.LOOP_EEXIT) {
		var p uintptr
		if raw.Loop_take_exit(l.ptr, &p) == 0 {
			return takeError(p)
		}
	}
	return statusError(s)
}

// Run is asyncio.run(): makes a loop, runs fn as its first task, cancels what is left, closes the loop. When ctx is done,
// the task is cancelled; errors.Is then finds what ctx.Err() says in the error.
func Run[T any](ctx context.Context, fn func(*Ctx) (T, error), opts ...Option) (T, error) {
	var zero T
	l, err := NewLoop(opts...)
	if err != nil {
		return zero, err
	}
	defer l.Close()
	t, err := Go(l, fn, WithContext(ctx))
	if err != nil {
		return zero, err
	}
	t.SetLogDestroyPending(false)
	v, err := RunUntilComplete[T](l, t)
	if e := l.Shutdown(); err == nil && e != nil {
		return zero, e
	}
	return v, err
}

// Shutdown cancels all tasks, runs until they are done, and reports their errors: what Run does in the end. ErrRunning if
// the loop runs: then nothing is cancelled.
func (l *Loop) Shutdown() error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	if l.IsRunning() {
		return statusError(int(raw.LOOP_ERUNNING))
	}
	tasks := l.AllTasks()
	if len(tasks) == 0 {
		return nil
	}
	all := make([]Awaitable, len(tasks))
	for i, t := range tasks {
		defer t.Release()
		t.Cancel()
		all[i] = t
	}
	gathered, err := Gather(l, Exceptions, all...)
	if err != nil {
		return err
	}
	defer gathered.Release()
	if err := l.run(gathered.f.address()); err != nil {
		return err
	}
	for _, t := range tasks {
		l.reportShutdownError(t)
	}
	l.afterCall()
	return nil
}

// reportShutdownError tells the exception handler of the error that a task ended with in Shutdown.
func (l *Loop) reportShutdownError(t *Task[any]) {
	var p uintptr
	future := t.f.address()
	if raw.Future_exception(future, &p) != 0 || p == 0 {
		return
	}
	raw.Loop_call_exception_handler(l.ptr, "unhandled exception during asyncio.run() shutdown", p, future)
	raw.Exception_unref(p)
}

// AllTasks are the tasks that are not done, in the order of their creation, of all languages.
func (l *Loop) AllTasks() []*Task[any] {
	if l.closed {
		return nil
	}
	l.flush()
	var n uintptr
	must(raw.Loop_all_tasks(l.ptr, nil, 0, &n))
	ptrs := make([]uintptr, n+1)
	must(raw.Loop_all_tasks(l.ptr, &ptrs[0], n, &n))
	tasks := make([]*Task[any], n)
	for i := range tasks {
		tasks[i] = &Task[any]{Future[any]{l.adopt(ptrs[i])}}
	}
	return tasks
}

// CurrentTask is the task that is running; nil in callbacks and outside.
func (l *Loop) CurrentTask() *Task[any] {
	if l.current == nil {
		return nil
	}
	return l.current.newHandle()
}

// LiveObjects is how many loops, values, exceptions and context variables are alive in the process: for tests.
func LiveObjects() int { return int(raw.Loop_live_objects()) }
