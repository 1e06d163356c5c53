package boucle

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"
)

func TestCallSoonThreadsafe_from_many_goroutines(t *testing.T) {
	l, _ := NewLoop()
	defer l.Close()
	const goroutines, calls = 8, 100
	count := 0
	for g := 0; g < goroutines; g++ {
		go func() {
			for i := 0; i < calls; i++ {
				l.CallSoonThreadsafe(func() {
					if count++; count == goroutines*calls {
						l.Stop()
					}
				})
				runtime.Gosched()
			}
		}()
	}
	if err := l.RunForever(); err != nil || count != goroutines*calls {
		t.Fatal(err, count)
	}
}

func TestCancel_of_what_is_in_the_batch_already(t *testing.T) {
	l := virtual(t)
	trace := ""
	var second *Callback
	var sleeper *Task[any]
	sleeper, _ = l.EnsureFuture(func(ctx *Ctx) (any, error) {
		err := Sleep(ctx, 0)
		trace += fmt.Sprint(errors.Is(err, ErrCancelled), " ")
		return nil, nil
	})
	l.Post(func() {
		second.Cancel()
		sleeper.Cancel()
		l.Post(l.Stop)
	})
	second, _ = l.CallSoon(func() { trace += "called " })
	l.RunForever()
	if trace != "true " || !second.Cancelled() {
		t.Fatal(trace)
	}
}

func TestAgain_moves_the_call(t *testing.T) {
	l := virtual(t)
	trace := ""
	first, _ := l.CallLater(time.Second, func() { trace += "first " })
	soon, _ := l.CallSoon(func() { trace += "soon " })
	l.CallLater(3*time.Second, func() { trace += "second " })
	if first.Again(3*time.Second) != nil || soon.Again(4*time.Second) != nil || first.When() != 3*time.Second {
		t.Fatal(first.When())
	}
	l.CallLater(5*time.Second, l.Stop)
	if l.RunForever(); trace != "second first soon " {
		t.Fatal(trace)
	}
}

func TestAgain_of_what_is_over_is_refused(t *testing.T) {
	l := virtual(t)
	calls := 0
	var called *Callback
	var inside error
	called, _ = l.CallLater(time.Second, func() { calls++; inside = called.Again(0) })
	cancelled, _ := l.CallLater(time.Second, func() { calls += 10 })
	cancelled.Cancel()
	l.CallLater(2*time.Second, l.Stop)
	l.RunForever()
	for _, err := range []error{inside, called.Again(0), cancelled.Again(0)} {
		if !errors.Is(err, ErrInvalidState) {
			t.Error(err)
		}
	}
	f, _ := l.CreateFuture()
	done, _ := f.AddDoneCallback(func(*Future[any]) {})
	if err := done.Again(0); !errors.Is(err, ErrNotSupported) {
		t.Error(err)
	}
	l.Close()
	if err := called.Again(0); !errors.Is(err, ErrClosed) || calls != 1 {
		t.Fatal(err, calls)
	}
}

func TestAgain_of_what_is_in_the_batch_already(t *testing.T) {
	for _, batch := range []int{1, 2, 256} {
		l := virtual(t, Batch(batch))
		trace := ""
		var mover, moved *Callback
		at := func(name string) func() { return func() { trace += fmt.Sprint(name, l.Time().Seconds(), " ") } }
		l.CallLater(time.Second, at("called"))
		mover, _ = l.CallLater(time.Second, func() {
			if !errors.Is(mover.Again(0), ErrInvalidState) || moved.Again(time.Second) != nil {
				t.Error("the wrong one was moved")
			}
		})
		moved, _ = l.CallLater(time.Second, at("moved"))
		l.CallLater(time.Second, at("next"))
		l.EnsureFuture(func(ctx *Ctx) (any, error) {
			Sleep(ctx, time.Second)
			at("task")()
			return nil, moved.Again(2 * time.Second)
		})
		l.CallLater(4*time.Second, l.Stop)
		if l.RunForever(); trace != "called1 next1 task1 moved3 " {
			t.Fatal(batch, trace)
		}
	}
}

func TestCallback_released_is_still_called(t *testing.T) {
	l := virtual(t)
	trace := ""
	var inside *Callback
	for i := 0; i < 2; i++ {
		c, _ := l.CallLater(time.Second, func() { trace += "called " })
		c.Release()
		c.Release()
	}
	inside, _ = l.CallLater(time.Second, func() { inside.Release() })
	cancelled, _ := l.CallLater(time.Second, func() { trace += "cancelled " })
	cancelled.Cancel()
	cancelled.Release()
	closed, _ := l.CallLater(time.Hour, func() { trace += "never " })
	l.CallLater(2*time.Second, l.Stop)
	l.RunForever()
	l.Close()
	if closed.Release(); trace != "called called " {
		t.Fatal(trace)
	}
}
