package boucle

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

type ctxKey struct{}

// Issue 11, finding 24: Deadline, Err, Done and Value follow the contract of context.Context.
func TestCtx_with_a_parents_deadline_keeps_the_contract(t *testing.T) {
	parent, cancel := context.WithTimeout(context.WithValue(context.Background(), ctxKey{}, "v"), 10*time.Millisecond)
	defer cancel()
	var seen error
	_, err := Run(parent, func(ctx *Ctx) (any, error) {
		want, _ := parent.Deadline()
		if got, ok := ctx.Deadline(); !ok || got != want || ctx.Value(ctxKey{}) != "v" || ctx.Err() != nil {
			t.Error(got, ok, ctx.Err())
		}
		err := Sleep(ctx, time.Minute)
		<-ctx.Done()
		seen = ctx.Err()
		return nil, err
	})
	if seen != context.DeadlineExceeded {
		t.Fatal(seen)
	}
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrCancelled) || errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestCtx_deadline_that_is_over_before_the_task_begins(t *testing.T) {
	parent, cancel := context.WithTimeout(context.Background(), -1)
	defer cancel()
	l, _ := NewLoop()
	defer l.Close()
	task, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, time.Minute) }, WithContext(parent))
	outer, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return task.Await(ctx) })
	both, _ := Gather(l, FirstError, outer)
	if _, err := l.RunUntilComplete(both); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestCtx_cancelled_parent_says_canceled(t *testing.T) {
	parent, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Run(parent, func(ctx *Ctx) (any, error) {
		if ctx.Err() != context.Canceled {
			t.Error(ctx.Err())
		}
		return nil, Sleep(ctx, time.Minute)
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestCtx_is_the_parent_of_other_contexts(t *testing.T) {
	l := virtual(t)
	var child context.Context
	run(t, l, func(ctx *Ctx) (any, error) {
		var cancel context.CancelFunc
		child, cancel = context.WithCancel(ctx)
		_ = cancel
		if child.Err() != nil {
			t.Error(child.Err())
		}
		return nil, nil
	})
	if <-child.Done(); child.Err() != context.Canceled {
		t.Fatal(child.Err())
	}
}

// A scope cancels its task and takes the cancellation back: the context of the task is not cancelled.
func TestCtx_survives_a_timeout_and_a_group_that_failed(t *testing.T) {
	l := virtual(t)
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		err := Timeout(ctx, time.Second, func(*Scope) error { return Sleep(ctx, time.Hour) })
		if !errors.Is(err, ErrTimeout) || ctx.Err() != nil {
			t.Error(err, ctx.Err())
		}
		sent := errors.New("sent")
		err = Group(ctx, func(g *TaskGroup) error {
			g.EnsureFuture(func(*Ctx) (any, error) { return nil, sent })
			return Sleep(ctx, time.Hour)
		})
		if !errors.Is(err, sent) || ctx.Err() != nil {
			t.Error(err, ctx.Err())
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCtx_ends_with_a_cancellation_inside_a_block(t *testing.T) {
	l := virtual(t)
	var seen error
	task, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) {
		err := Timeout(ctx, time.Hour, func(*Scope) error { return Sleep(ctx, time.Hour) })
		seen = ctx.Err()
		return nil, err
	})
	l.CallLater(time.Second, func() { l.AllTasks()[0].Cancel() })
	_, err := l.RunUntilComplete(task)
	if seen != context.Canceled || !errors.Is(err, ErrCancelled) {
		t.Fatal(seen, err)
	}
}

// The scope is left: its timer cancels nothing any more, and its tasks have ended.
func TestPanic_in_a_block_leaves_it(t *testing.T) {
	l := virtual(t)
	member := false
	caught := func(block func()) (value any) {
		defer func() { value = recover() }()
		block()
		return nil
	}
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		first := caught(func() { Timeout(ctx, time.Second, func(*Scope) error { panic("first") }) })
		second := caught(func() {
			Group(ctx, func(g *TaskGroup) error {
				g.EnsureFuture(func(ctx *Ctx) (any, error) { defer func() { member = true }(); return nil, Sleep(ctx, time.Hour) })
				Sleep(ctx, 0)
				panic("second")
			})
		})
		if first != "first" || second != "second" || !member {
			t.Error(first, second, member)
		}
		return nil, Sleep(ctx, time.Minute)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// In debug mode only: Go does not tell a function cheaply on which goroutine it runs.
func TestAwait_on_another_goroutine_than_the_tasks_is_refused_in_debug_mode(t *testing.T) {
	l, other := virtual(t, Debug(true)), virtual(t)
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		_, nested := run(t, other, func(*Ctx) (any, error) { return nil, Sleep(ctx, time.Second) })
		isolated := make(chan error)
		go func() {
			_, err := Await(ctx, nil)
			isolated <- err
		}()
		for _, err := range []error{nested, <-isolated} {
			if !errors.Is(err, ErrNoTask) || !strings.Contains(err.Error(), "goroutine") {
				t.Error(err)
			}
		}
		return nil, Sleep(ctx, time.Second)
	})
	if err != nil || l.Time() != time.Second {
		t.Fatal(err, l.Time())
	}
}
