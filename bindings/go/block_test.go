package boucle

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"
)

func TestBlock_suspends_only_its_task(t *testing.T) {
	for _, opts := range [][]Option{nil, {VirtualClock()}} {
		l, _ := NewLoop(opts...)
		defer l.Close()
		signal := make(chan int)
		task, _ := Go(l, func(ctx *Ctx) (int, error) {
			return Block(ctx, func(context.Context) (int, error) { return <-signal, nil })
		})
		l.CallSoon(func() { close(signal) })
		if v, err := RunUntilComplete[int](l, task); v != 0 || err != nil {
			t.Fatal(v, err)
		}
	}
}

func TestBlock_fails_as_its_function_does(t *testing.T) {
	l := virtual(t)
	run(t, l, func(ctx *Ctx) (any, error) {
		var p *PanicError
		_, err := Block(ctx, func(context.Context) (int, error) { return 1, io.EOF })
		if err != io.EOF {
			t.Error(err)
		}
		if _, err = Block(ctx, func(context.Context) (int, error) { panic(io.EOF) }); !errors.As(err, &p) || !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		if _, err = Block(ctx, func(context.Context) (int, error) { runtime.Goexit(); return 1, nil }); !errors.As(err, &p) {
			t.Error(err)
		}
		return nil, nil
	})
	if _, err := Block(&Ctx{}, func(context.Context) (int, error) { return 1, nil }); !errors.Is(err, ErrNoTask) {
		t.Fatal(err)
	}
}

func TestBlock_cancelled_does_not_wait(t *testing.T) {
	l, _ := NewLoop()
	defer l.Close()
	ended := make(chan error, 1)
	task, _ := Go(l, func(ctx *Ctx) (any, error) {
		return Block(ctx, func(ctx context.Context) (any, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, nil
		})
	})
	l.CallLater(time.Millisecond, func() { task.Cancel() })
	if _, err := l.RunUntilComplete(task); !errors.Is(err, ErrCancelled) {
		t.Fatal(err)
	}
	if err := <-ended; err != context.Canceled {
		t.Fatal(err)
	}
}

func TestBlock_is_told_of_Close(t *testing.T) {
	for _, opts := range [][]Option{nil, {VirtualClock()}} {
		l, _ := NewLoop(opts...)
		l.SetExceptionHandler(func(*Report) {})
		ended := make(chan bool, 1)
		l.Spawn(func(ctx *Ctx) (any, error) {
			return Block(ctx, func(ctx context.Context) (any, error) {
				<-ctx.Done()
				ended <- true
				return nil, nil
			})
		})
		l.CallSoon(l.Stop)
		l.RunForever()
		l.Close()
		<-ended
	}
}

func TestBlock_takes_no_time_on_a_virtual_clock(t *testing.T) {
	l := virtual(t)
	l.CallLater(time.Second, func() {})
	v, err := run(t, l, func(ctx *Ctx) (any, error) {
		done := make([]Awaitable, 8) // more than there are worker threads
		for i := range done {
			done[i], _ = Go(l, func(ctx *Ctx) (int, error) {
				return Block(ctx, func(context.Context) (int, error) { time.Sleep(5 * time.Millisecond); return 1, nil })
			})
		}
		all, _ := Gather(l, FirstError, done...)
		_, err := all.Await(ctx)
		return l.Time(), err
	})
	if v != time.Duration(0) || err != nil {
		t.Fatal(v, err)
	}
}

// Issue 11, finding 25.
func TestDebug_warns_of_a_task_that_blocks_while_it_does(t *testing.T) {
	out := captureOutput(t)
	l := virtual(t, Debug(true))
	never := make(chan bool)
	l.Spawn(func(ctx *Ctx) (any, error) { blocksHere(never); return nil, nil })
	go func() {
		for i := 0; i < 1000 && !out.has("boucle.Block", "blocksHere"); i++ {
			time.Sleep(10 * time.Millisecond)
		}
		close(never)
	}()
	l.CallLater(time.Second, l.Stop)
	l.RunForever()
	if !out.has("boucle.Block", "blocksHere") {
		t.Fatal(out)
	}
}

func blocksHere(never chan bool) { <-never }

func TestDebug_is_silent_of_a_task_that_waits(t *testing.T) {
	out := captureOutput(t)
	l, _ := NewLoop(Debug(true))
	defer l.Close()
	run(t, l, func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, slowStep*3/2) })
	if out.has("boucle") {
		t.Fatal(out)
	}
}
