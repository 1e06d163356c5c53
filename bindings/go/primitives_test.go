package boucle

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

func TestLock_is_fair(t *testing.T) {
	l := virtual(t)
	lock, _ := NewLock(l)
	trace := ""
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		return nil, Group(ctx, func(g *TaskGroup) error {
			for i := 0; i < 3; i++ {
				i := i
				g.EnsureFuture(func(ctx *Ctx) (any, error) {
					return nil, lock.With(ctx, func() error {
						trace += fmt.Sprint(i, lock.Locked(), " ")
						return Sleep(ctx, time.Second)
					})
				})
			}
			return nil
		})
	})
	if err != nil || trace != "0 true 1 true 2 true " {
		t.Fatal(err, trace)
	}
	if err := lock.Release(); !errors.Is(err, ErrNotLocked) {
		t.Fatal(err)
	}
}

func TestGroup_fails_with_all_errors(t *testing.T) {
	l := virtual(t)
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		return nil, Group(ctx, func(g *TaskGroup) error {
			g.EnsureFuture(func(*Ctx) (any, error) { return nil, os.ErrNotExist })
			g.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, time.Hour) })
			return nil
		})
	})
	e := (*Error)(nil)
	if !errors.As(err, &e) || e.Kind() != "ExceptionGroup" || !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

func TestTimeout_ends_the_block(t *testing.T) {
	l := virtual(t)
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		return nil, Timeout(ctx, time.Second, func(*Scope) error { return Sleep(ctx, time.Hour) })
	})
	if !errors.Is(err, ErrTimeout) || l.Time() > 2*time.Second {
		t.Fatal(err)
	}
	f, _ := l.CreateFuture()
	_, err = run(t, l, func(ctx *Ctx) (any, error) { return WaitFor(ctx, time.Second, f) })
	if !errors.Is(err, ErrTimeout) || !f.Cancelled() {
		t.Fatal(err)
	}
}

func TestQueue_of_one_type(t *testing.T) {
	l := virtual(t)
	q, _ := NewQueue[string](l, 1)
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		l.Spawn(func(ctx *Ctx) (any, error) {
			for _, s := range []string{"a", "b", "c"} {
				q.Put(ctx, s)
			}
			return nil, q.Shutdown(false)
		})
		all := ""
		for {
			s, err := q.Get(ctx)
			if errors.Is(err, ErrQueueShutDown) {
				return nil, nil
			}
			if all += s; err != nil || len(all) > 3 {
				return nil, err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := NewPriorityQueue[int](l, 0)
	p.PutNowait(2)
	p.PutNowait(1)
	if v, err := p.GetNowait(); v != 1 || err != nil {
		t.Fatal(v, err)
	}
	p.GetNowait()
	if _, err := p.GetNowait(); !errors.Is(err, ErrQueueEmpty) {
		t.Fatal(err)
	}
}

func TestEvent_condition_semaphore_barrier(t *testing.T) {
	l := virtual(t)
	event, _ := NewEvent(l)
	cond, _ := NewCondition(l, nil)
	sem, _ := NewBoundedSemaphore(l, 1)
	barrier, _ := NewBarrier(l, 2)
	n := 0
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		return nil, Group(ctx, func(g *TaskGroup) error {
			g.EnsureFuture(func(ctx *Ctx) (any, error) {
				if err := event.Wait(ctx); err != nil {
					return nil, err
				}
				return barrier.Wait(ctx)
			})
			g.EnsureFuture(func(ctx *Ctx) (any, error) {
				err := cond.Lock().With(ctx, func() error { return cond.WaitFor(ctx, func() bool { return n == 1 }) })
				if err != nil {
					return nil, err
				}
				return barrier.Wait(ctx)
			})
			return sem.With(ctx, func() error {
				event.Set()
				return cond.Lock().With(ctx, func() error { n = 1; return cond.NotifyAll() })
			})
		})
	})
	if err != nil || !event.IsSet() {
		t.Fatal(err)
	}
	if err := sem.Release(); !errors.Is(err, ErrOverReleased) {
		t.Fatal(err)
	}
}

func TestWait_and_AsCompleted(t *testing.T) {
	l := virtual(t)
	after := func(d time.Duration, v int) *Task[int] {
		task, _ := Go(l, func(ctx *Ctx) (int, error) { return v, Sleep(ctx, d) })
		return task
	}
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		a, b := after(time.Second, 1), after(2*time.Second, 2)
		done, pending, err := Wait(ctx, FirstCompleted, NoTimeout, a, b)
		if err != nil || len(done) != 1 || done[0] != Awaitable(a) || pending[0] != Awaitable(b) {
			t.Error(done, pending, err)
		}
		c, _ := AsCompleted(l, NoTimeout, b, after(time.Second/2, 3))
		for _, want := range []int{3, 2} {
			if v, err := c.Next(ctx); v != want || err != nil {
				t.Error(v, err)
			}
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestShield_keeps_the_inner_one(t *testing.T) {
	l := virtual(t)
	inner, _ := Go(l, func(ctx *Ctx) (int, error) { return 5, Sleep(ctx, time.Second) })
	outer, _ := Shield(l, inner)
	outer.Cancel()
	if v, err := l.RunUntilComplete(inner); v != 5 || err != nil {
		t.Fatal(v, err)
	}
}

func TestContextVar_follows_the_task(t *testing.T) {
	l := virtual(t)
	v := NewContextVar("v", "default")
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		v.Set(l, "outer")
		child, _ := Go(l, func(*Ctx) (string, error) {
			was := v.Get(l)
			return was, v.Set(l, "inner")
		})
		was, err := child.Await(ctx)
		if was != "outer" || v.Get(l) != "outer" {
			t.Error(was, v.Get(l))
		}
		return nil, err
	})
	if err != nil || v.Get(l) != "default" {
		t.Fatal(err, v.Get(l))
	}
}

func TestReader_is_called(t *testing.T) {
	l, _ := NewLoop()
	defer l.Close()
	r, w, _ := os.Pipe()
	defer r.Close()
	fd := int(r.Fd())
	got := 0
	if err := l.AddReader(fd, func() { got, _ = r.Read(make([]byte, 8)); l.RemoveReader(fd); l.Stop() }); err != nil {
		t.Fatal(err)
	}
	go func() { w.Write([]byte("hi")); w.Close() }()
	if err := l.RunForever(); err != nil || got != 2 {
		t.Fatal(err, got)
	}
}

func useEverything(t *testing.T) {
	captureOutput(t)
	l, _ := NewLoop(VirtualClock())
	l.SetExceptionHandler(func(*Report) {})
	lock, _ := NewLock(l)
	q, _ := NewQueue[any](l, 0)
	f, _ := l.CreateFuture()
	f.SetResult([]any{"x", &point{}})
	q.PutNowait(&point{1, 2})
	for i := 0; i < 50; i++ {
		l.EnsureFuture(func(ctx *Ctx) (any, error) {
			Await(ctx, f)
			return &point{}, lock.With(ctx, func() error { return Sleep(ctx, time.Second) })
		})
		l.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, fmt.Errorf("lost %d", i) })
		l.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, time.Hour) })
		l.CallLater(time.Hour, func() {})
	}
	l.CallLater(10*time.Second, l.Stop)
	if err := l.RunForever(); err != nil {
		t.Error(err)
	}
	l.Close()
}

func TestNothing_is_left_after_a_collection(t *testing.T) {
	before, foreignBefore := LiveObjects(), foreignCount()
	useEverything(t)
	for i := 0; i < 100; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
		takeDestroyed()
		if LiveObjects() <= before && foreignCount() <= foreignBefore {
			return
		}
	}
	t.Fatal(before, LiveObjects(), foreignBefore, foreignCount())
}
