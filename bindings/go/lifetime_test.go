package boucle

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// waitUntilCollected waits until the collector has freed everything above the given numbers.
func waitUntilCollected(t *testing.T, objects, values int) {
	t.Helper()
	for i := 0; i < 500; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
		takeDestroyed()
		if LiveObjects() <= objects && foreignCount() <= values {
			return
		}
	}
	for _, v := range foreign.values {
		if v != nil {
			t.Logf("%T %v", v, v)
		}
	}
	t.Fatal(objects, LiveObjects(), values, foreignCount())
}

// Issue 11, finding 22: each of these makes a cycle of references through its loop.
func TestLoop_closed_is_collected_whatever_refers_to_it(t *testing.T) {
	captureOutput(t)
	objects, values := LiveObjects(), foreignCount()
	for i := 0; i < 100; i++ {
		func() {
			l, _ := NewLoop(VirtualClock())
			defer l.Close()
			var kept []*Report
			l.SetExceptionHandler(func(r *Report) { kept = append(kept, r); l.Stop() })
			loseError(l, io.EOF)
			l.CallSoonThreadsafe(func() { l.Time() })
			l.RunForever()
			l.StopThreadsafe()
			l.RunForever()
			l.StopThreadsafe() // the loop does not run any more
			var c *Callback
			c, _ = l.CallLater(time.Hour, func() { c.Cancel() })
			var task *Task[any]
			task, _ = l.EnsureFuture(func(ctx *Ctx) (any, error) { return task, io.EOF })
			task.Finally(func() { task.Done() })
			l.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, time.Hour) })
			l.Post(l.Stop)
			l.RunForever()
		}()
	}
	waitUntilCollected(t, objects, values)
}

// Go puts small objects without pointers into common blocks, and may never finalize them.
func TestVariable_and_Opaque_are_collected_beside_other_small_objects(t *testing.T) {
	objects, values := LiveObjects(), foreignCount()
	kept := make([]*uint64, 0, 4000)
	keep := func() { kept = append(kept, new(uint64)) }
	for i := 0; i < 1000; i++ {
		keep()
		NewContextVar[any]("v", 1)
		keep()
		value := newOpaqueValue()
		FromValue(pointer(value))
		raw.Value_unref(value)
	}
	waitUntilCollected(t, objects, values)
	runtime.KeepAlive(kept)
}

func TestClose_while_a_group_waits_leaves_nothing(t *testing.T) {
	captureOutput(t)
	objects, values := LiveObjects(), foreignCount()
	func() {
		l, _ := NewLoop(VirtualClock())
		l.Spawn(func(ctx *Ctx) (any, error) {
			return nil, Group(ctx, func(g *TaskGroup) error {
				g.EnsureFuture(func(ctx *Ctx) (any, error) { Sleep(ctx, time.Hour); return nil, Sleep(ctx, time.Hour) })
				Sleep(ctx, 0)
				return &codeError{1}
			})
		})
		l.CallLater(time.Second, l.Stop)
		l.RunForever()
		l.Close()
	}()
	waitUntilCollected(t, objects, values)
}

func TestLoop_never_closed_is_collected(t *testing.T) {
	objects, values := LiveObjects(), foreignCount()
	for i := 0; i < 10; i++ {
		l, _ := NewLoop()
		l.SetExceptionHandler(func(*Report) { l.Stop() })
		l.CreateFuture()
	}
	waitUntilCollected(t, objects, values)
}

// Issue 11, finding 25.
func TestShield_of_what_is_done_has_a_handle_of_its_own(t *testing.T) {
	l := virtual(t)
	for _, first := range []int{0, 1} {
		f, _ := l.CreateFuture()
		f.SetResult("x")
		task, _ := l.EnsureFuture(func(*Ctx) (any, error) { return "x", nil })
		l.RunUntilComplete(task)
		for _, inner := range []*Future[any]{f, &task.Future} {
			shield, err := Shield(l, inner)
			if err != nil || !shield.Same(inner) || shield.ID() != inner.ID() {
				t.Fatal(err, shield.ID(), inner.ID())
			}
			handles := []*Future[any]{inner, shield}
			handles[first].Release()
			if v, err := handles[1-first].Result(); v != "x" || err != nil {
				t.Fatal(v, err)
			}
			handles[1-first].Release()
			handles[1-first].Release()
		}
	}
}

func TestRelease_makes_a_handle_invalid(t *testing.T) {
	l := virtual(t)
	pending, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, time.Hour) })
	pending.SetLogDestroyPending(false)
	returned, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return 7, nil })
	failed, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, io.EOF })
	future, _ := l.CreateFuture()
	l.CallLater(time.Second, l.Stop)
	l.RunForever()
	failed.Exception()
	for _, f := range []*Future[any]{&pending.Future, &returned.Future, &failed.Future, future} {
		again := f.Any()
		f.Release()
		again.Release()
		_, awaited := run(t, l, func(ctx *Ctx) (any, error) { return again.Await(ctx) })
		_, ran := l.RunUntilComplete(f)
		_, gathered := Gather(l, FirstError, f)
		_, shielded := Shield(l, again)
		_, added := f.AddDoneCallback(func(*Future[any]) {})
		for i, err := range []error{awaited, ran, gathered, shielded, added, f.SetResult(1), f.SetException(io.EOF)} {
			if !errors.Is(err, ErrInvalid) {
				t.Error(i, err)
			}
		}
		if f.Cancel() || f.Cancelled() || f.Pointer() != nil || !f.Same(again) {
			t.Error("a released handle still works")
		}
	}
}

func TestRelease_of_primitives_makes_them_invalid(t *testing.T) {
	l := virtual(t)
	lock, _ := NewLock(l)
	event, _ := NewEvent(l)
	queue, _ := NewQueue[int](l, 1)
	group, _ := NewTaskGroup(l)
	scope, _ := NewScope(l, time.Second)
	callback, _ := l.CallLater(time.Second, func() {})
	lock.Unref()
	event.Release()
	queue.Release()
	group.Release()
	scope.Release()
	callback.Release()
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		_, e := NewCondition(l, lock)
		for i, err := range []error{lock.Acquire(ctx), lock.Release(), event.Set(), event.Wait(ctx), queue.PutNowait(1), group.Enter(),
			scope.Enter(), scope.Exit(nil), group.Exit(ctx, nil), callback.Again(0), e} {
			if !errors.Is(err, ErrInvalid) {
				t.Error(i, err)
			}
		}
		return nil, nil
	})
	if err != nil || lock.Locked() || queue.Len() != 0 || scope.State() != "" || callback.When() != 0 {
		t.Fatal(err)
	}
}

func TestNil_is_ErrInvalid(t *testing.T) {
	l := virtual(t)
	var nothing *Future[any]
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		errs := []error{}
		add := func(_ any, err error) { errs = append(errs, err) }
		for _, a := range []Awaitable{nil, nothing, &Future[any]{}} {
			add(Await(ctx, a))
			add(WaitFor(ctx, time.Second, a))
			add(Gather(l, FirstError, a))
			add(Shield(l, a))
			add(AsCompleted(l, NoTimeout, a))
			_, _, err := Wait(ctx, AllCompleted, NoTimeout, a)
			add(nil, err)
		}
		add(l.EnsureFuture(nil))
		add(Go[int](l, nil))
		add(nil, l.Spawn(nil))
		add(l.CallSoon(nil))
		add(l.CallLater(0, nil))
		add(nil, l.Post(nil))
		add(nil, l.CallSoonThreadsafe(nil))
		add(nil, l.AddReader(0, nil))
		add(Block[int](ctx, nil))
		for i, err := range errs {
			if !errors.Is(err, ErrInvalid) {
				t.Error(i, err)
			}
		}
		_, none := Await(nil, nothing)
		return nil, none
	})
	if !errors.Is(err, ErrNoTask) {
		t.Fatal(err)
	}
	if _, err := l.RunUntilComplete(nil); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
}

// Issue 11, finding 25: the error names the reason, which is the loop.
func TestAwait_of_another_loops_future_is_ErrWrongLoop(t *testing.T) {
	l, other := virtual(t), virtual(t)
	f, _ := other.CreateFuture()
	foreign, _ := other.EnsureFuture(func(*Ctx) (any, error) { return nil, nil })
	lock, _ := NewLock(other)
	queue, _ := NewQueue[int](other, 0)
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		errs := []error{lock.Acquire(ctx), queue.Put(ctx, 1)}
		add := func(_ any, err error) { errs = append(errs, err) }
		for _, a := range []Awaitable{f, foreign} {
			add(Await(ctx, a))
			add(WaitFor(ctx, time.Second, a))
			add(Gather(l, FirstError, a))
			add(Shield(l, a))
			add(AsCompleted(l, NoTimeout, a))
			_, _, err := Wait(ctx, AllCompleted, NoTimeout, a)
			add(nil, err)
			add(l.RunUntilComplete(a))
		}
		add(NewCondition(l, lock))
		for i, err := range errs {
			if !errors.Is(err, ErrWrongLoop) {
				t.Error(i, err)
			}
		}
		return nil, nil
	})
	if _, e := l.RunUntilComplete(f); err != nil || !errors.Is(e, ErrWrongLoop) || lock.Locked() {
		t.Fatal(err, e)
	}
}

// Issue 11, finding 23.
func TestShutdown_of_the_running_loop_changes_nothing(t *testing.T) {
	l := virtual(t)
	sleeper, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return 1, Sleep(ctx, time.Second) })
	v, err := run(t, l, func(ctx *Ctx) (any, error) {
		for _, err := range []error{l.Shutdown(), l.Close(), l.RunForever()} {
			if !errors.Is(err, ErrRunning) {
				t.Error(err)
			}
		}
		return sleeper.Await(ctx)
	})
	if v != 1 || err != nil {
		t.Fatal(v, err)
	}
}

// The parent context still cancels a task that was spawned or released.
func TestContext_cancels_a_task_that_has_no_handle(t *testing.T) {
	for _, release := range []bool{false, true} {
		l := virtual(t)
		ctx, cancel := context.WithCancel(context.Background())
		ended := error(nil)
		body := func(ctx *Ctx) (any, error) {
			ended = Sleep(ctx, 24*time.Hour)
			return nil, ended
		}
		if release {
			task, _ := l.EnsureFuture(body, WithContext(ctx))
			task.Release()
		} else {
			l.Spawn(body, WithContext(ctx))
		}
		l.CallLater(time.Second, func() {
			cancel()
			time.Sleep(20 * time.Millisecond) // the goroutine that watches ctx
		})
		l.CallLater(time.Hour, l.Stop)
		l.RunForever()
		if !errors.Is(ended, context.Canceled) {
			t.Fatal(release, ended)
		}
	}
}

func TestTask_cancelled_by_way_of_AllTasks_is_cancelled(t *testing.T) {
	l := virtual(t)
	task, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) {
		l.AllTasks()[0].Cancel()
		return 1, nil
	})
	if _, err := l.RunUntilComplete(task); !errors.Is(err, ErrCancelled) || !task.Cancelled() {
		t.Fatal(err)
	}
}

// Collecting objects after Close must not race with the use of others: run with -race.
func TestClosed_loops_objects_are_collected_while_others_are_used(t *testing.T) {
	captureOutput(t)
	l := virtual(t)
	var futures []*Future[any]
	for i := 0; i < 1000; i++ {
		f, _ := l.CreateFuture()
		f.SetException(io.EOF)
		futures = append(futures, f)
	}
	l.Close()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := 0; i < 20; i++ {
			runtime.GC()
		}
	}()
	for len(futures) > 0 {
		f := futures[0]
		futures = futures[1:]
		if f.Exception() != io.EOF {
			t.Error("another error")
		}
	}
	wg.Wait()
}

func TestList_that_contains_itself_crosses(t *testing.T) {
	l := virtual(t)
	list := []any{nil, 1}
	list[0] = list
	f, _ := l.CreateFuture()
	if err := f.SetResult(list); err != nil {
		t.Fatal(err)
	}
	v, err := f.Result()
	if got, ok := v.([]any); err != nil || !ok || len(got) != 2 || got[1] != 1 {
		t.Fatal(v, err)
	}
}

func TestNumbers_that_are_not_valid_are_refused(t *testing.T) {
	l := virtual(t)
	_, parties := NewBarrier(l, -1)
	_, value := NewSemaphore(l, -1)
	_, poller := NewLoop(Poller("kqueue"))
	_, batch := NewLoop(Batch(-1))
	for i, err := range []error{parties, value, poller, batch} {
		if !errors.Is(err, ErrInvalid) {
			t.Error(i, err)
		}
	}
	if l.AddReader(1<<32, func() {}) == nil || l.RemoveReader(1<<32) || l.AddWriter(-1, func() {}) == nil {
		t.Error("accepted a number that is not a descriptor")
	}
	queue, _ := NewQueue[int](l, -1)
	scope, _ := NewScope(l, NoTimeout-1)
	if queue.Full() || queue.PutNowait(1) != nil || NewError("", "x").Kind() != "Exception" {
		t.Error("a queue without a limit is full, or a kind is wrong")
	}
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		scope.Enter()
		return nil, scope.Exit(Sleep(ctx, time.Hour))
	})
	if err != nil {
		t.Error(err)
	}
}
