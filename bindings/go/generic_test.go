package boucle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func TestRun_has_the_type_of_its_function(t *testing.T) {
	n, err := Run(context.Background(), func(*Ctx) (int, error) { return 6 * 7, nil })
	var v any
	v, err2 := Run(context.Background(), func(*Ctx) (any, error) { return "untyped", nil })
	if n != 42 || err != nil || v != "untyped" || err2 != nil {
		t.Fatal(n, err, v, err2)
	}
}

func TestRunUntilComplete_has_the_type_of_the_task(t *testing.T) {
	l := virtual(t)
	task, _ := Go(l, func(*Ctx) (string, error) { return "typed", nil })
	future, _ := NewFuture[int](l)
	l.CallSoon(func() { future.SetResult(7) })
	text, err := RunUntilComplete[string](l, task)
	n, err2 := RunUntilComplete[int](l, future)
	if text != "typed" || n != 7 || err != nil || err2 != nil {
		t.Fatal(text, n, err, err2)
	}
}

func TestAs_gives_a_result_its_type(t *testing.T) {
	l := virtual(t)
	n, err := Run(context.Background(), func(ctx *Ctx) (int, error) {
		task, _ := Go(ctx.Loop(), func(*Ctx) (int, error) { return 7, nil })
		if _, err := As[string](Await(ctx, task)); err.Error() != "TypeError: the result has the type int, not string" {
			t.Error(err)
		}
		return As[int](WaitFor(ctx, time.Second, task))
	})
	if n != 7 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := As[int](l.RunUntilComplete(nil)); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
}

func TestGroup_error_prints_its_members(t *testing.T) {
	l := virtual(t)
	sent := &codeError{7}
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		return nil, Group(ctx, func(g *TaskGroup) error {
			g.EnsureFuture(func(*Ctx) (any, error) { return nil, fmt.Errorf("wrapped: %w", sent) })
			g.EnsureFuture(func(*Ctx) (any, error) { return nil, NewError("ValueError", "bad") })
			for i := 0; i < 20; i++ {
				g.EnsureFuture(func(*Ctx) (any, error) { return nil, io.EOF })
			}
			return nil
		})
	})
	for _, part := range []string{"ExceptionGroup: ", "wrapped: code 7; ValueError: bad; EOF", "and 14 more"} {
		if !strings.Contains(err.Error(), part) {
			t.Error(part, "is not in", err)
		}
	}
	var code *codeError
	if !errors.Is(err, sent) || !errors.Is(err, io.EOF) || errors.Is(err, io.ErrShortWrite) || !errors.As(err, &code) || code != sent {
		t.Fatal(err)
	}
}
