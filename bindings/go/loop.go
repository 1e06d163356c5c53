package boucle

import (
	"math"
	"runtime"
	"sync"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Loop is an event loop. A loop, and everything that belongs to it, is for one goroutine at a time: the one that runs
// the loop, or that of the task or callback which is running. CallSoonThreadsafe and StopThreadsafe are for all other
// goroutines.
type Loop struct {
	ptr      uintptr // the loop_t; releases has the reference
	releases *deferredReleases
	virtual  bool
	closed   bool
	closedAt time.Duration
	handler  func(*Report)

	host          host
	slots         slots
	lastSerial    uint64       // of the newest task
	current       *task        // the running task
	pumping       *task        // the suspended task whose goroutine is in nextAction
	isolatedCalls int          // how many calls of callIsolated are running
	reporting     bool         // takeReports is running
	callbackError error        // of the running callback: see Raise
	idle          []*goroutine // goroutines without an action
	runEnded      chan struct{}
	watchdog      *watchdog              // in debug mode
	blockingCalls map[*blockingCall]bool // the running calls of Block

	mu            sync.Mutex // for the fields below, which other goroutines use
	posted        []func()
	closedToPosts bool
}

// NewLoop makes a loop. The program closes it with Close.
func NewLoop(opts ...Option) (*Loop, error) {
	o := options{batch: 256}
	for _, option := range opts {
		option(&o)
	}
	l := &Loop{runEnded: make(chan struct{}, 1), virtual: o.virtual, blockingCalls: map[*blockingCall]bool{}}
	if err := l.open(&o); err != nil {
		return nil, err
	}
	l.releases = &deferredReleases{loop: l.ptr, host: l.host.ptr}
	runtime.SetFinalizer(l.releases, (*deferredReleases).finalize)
	must(raw.Host_take_reports(l.host.ptr))
	if raw.Loop_get_debug(l.ptr) == 1 {
		l.watchdog = newWatchdog()
	}
	return l, nil
}

func (l *Loop) open(o *options) error {
	var p uintptr
	must(raw.Loop_options_new(&p))
	defer raw.Loop_options_unref(p)
	if err := o.set(p); err != nil {
		return err
	}
	var loop, host uintptr // not in a struct: what C writes to has no Go pointers around it
	if s := raw.Loop_new(p, &loop); s != 0 {
		return statusError(s)
	}
	if s := raw.Host_new(loop, uintptr(o.batch), &host); s != 0 {
		raw.Loop_unref(loop)
		return statusError(s)
	}
	l.ptr = loop
	l.host.open(host)
	return nil
}

// Close closes the loop. It drops the scheduled callbacks, and cancels nothing. The goroutines of tasks that are not
// done end, as by runtime.Goexit. Futures stay readable. A second call does nothing. ErrRunning if the loop runs.
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
	l.watchdog.stop()
	l.callReleased()
	return nil
}

// killTasks ends the goroutines of tasks that nothing can resume any more.
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
		if p := raw.Host_task(l.host.ptr, s.id); p != 0 {
			s.own = l.own(raw.Future_ref(raw.Task_as_future(p)), raw.Future_unref)
			s.forgotten = true
			raw.Host_forget(l.host.ptr, s.id)
		}
	}
}

// IsClosed reports whether the loop was closed.
func (l *Loop) IsClosed() bool { return l.closed }

// IsRunning reports whether the loop is running.
func (l *Loop) IsRunning() bool { return !l.closed && raw.Loop_is_running(l.ptr) == 1 }

// Time returns the time on the loop's clock.
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

// AllTasks returns the tasks of all languages that are not done, in the order of their creation.
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

// CurrentTask returns the running task; nil in callbacks and outside of a run.
func (l *Loop) CurrentTask() *Task[any] {
	if l.current == nil {
		return nil
	}
	return l.current.newHandle()
}

// LiveObjects returns how many loops, values, exceptions and context variables are alive in the process; for tests.
func LiveObjects() int { return int(raw.Loop_live_objects()) }
