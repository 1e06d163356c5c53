package boucle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// virtual returns a loop with a virtual clock, which is closed at the end of the test.
func virtual(t testing.TB, opts ...Option) *Loop {
	t.Helper()
	l, err := NewLoop(append(opts, VirtualClock())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func run(t testing.TB, l *Loop, fn func(*Ctx) (any, error)) (any, error) {
	t.Helper()
	task, err := l.EnsureFuture(fn)
	if err != nil {
		t.Fatal(err)
	}
	return l.RunUntilComplete(task)
}

func TestTask_awaited_hands_its_result_on(t *testing.T) {
	l := virtual(t)
	v, err := run(t, l, func(ctx *Ctx) (any, error) {
		inner, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) {
			if err := Sleep(ctx, time.Second); err != nil {
				return nil, err
			}
			return 42, nil
		})
		return Await(ctx, inner)
	})
	if v != 42 || err != nil {
		t.Fatal(v, err)
	}
	if l.Time() < time.Second {
		t.Fatal(l.Time())
	}
}

type point struct{ x, y int }

func TestValue_of_any_type_comes_back_as_itself(t *testing.T) {
	l := virtual(t)
	p := &point{1, 2}
	for _, v := range []any{nil, true, 7, 2.5, "a\x00b", p, point{3, 4}, int64(9), time.Second} {
		f, _ := l.CreateFuture()
		if err := f.SetResult(v); err != nil {
			t.Fatal(err)
		}
		got, err := run(t, l, func(ctx *Ctx) (any, error) { return Await(ctx, f) })
		if got != v || err != nil {
			t.Fatalf("%#v became %#v, %v", v, got, err)
		}
	}
}

type codeError struct{ code int }

func (e *codeError) Error() string { return fmt.Sprint("code ", e.code) }

func TestError_through_another_tasks_await_is_the_same(t *testing.T) {
	l := virtual(t)
	sent := fmt.Errorf("wrapped: %w", &codeError{7})
	_, err := run(t, l, func(ctx *Ctx) (any, error) {
		inner, _ := l.EnsureFuture(func(*Ctx) (any, error) { return nil, sent })
		both, _ := Gather(l, FirstError, inner)
		return Await(ctx, both)
	})
	var code *codeError
	if err != sent || !errors.As(err, &code) || code.code != 7 {
		t.Fatal(err)
	}
}

func TestPanic_ends_the_task_and_keeps_the_stack(t *testing.T) {
	l := virtual(t)
	_, err := run(t, l, func(*Ctx) (any, error) { panic(io.EOF) })
	var p *PanicError
	if !errors.As(err, &p) || !errors.Is(err, io.EOF) || !strings.Contains(string(p.Stack), "TestPanic") {
		t.Fatal(err)
	}
	_, err = run(t, l, func(*Ctx) (any, error) { runtime.Goexit(); return nil, nil })
	if !errors.As(err, &p) || !strings.Contains(string(p.Stack), "TestPanic") {
		t.Fatal(err)
	}
	if v, err := run(t, l, func(*Ctx) (any, error) { return 1, nil }); v != 1 || err != nil {
		t.Fatal(v, err)
	}
}

func TestPanic_in_a_callback_is_reported(t *testing.T) {
	l := virtual(t)
	var reports []string
	l.SetExceptionHandler(func(r *Report) { reports = append(reports, r.Message+": "+r.Err.Error()) })
	l.CallSoon(func() { panic("oh") })
	l.CallSoon(func() { runtime.Goexit() })
	l.CallSoon(func() { l.Raise(io.EOF) })
	l.CallSoon(l.Stop)
	if err := l.RunForever(); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 3 || reports[0] != "Exception in callback: panic: oh" {
		t.Fatal(reports)
	}
}

func TestCancel_reaches_the_context(t *testing.T) {
	l := virtual(t)
	var seen error
	sleeper, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) {
		err := Sleep(ctx, time.Hour)
		seen = ctx.Err()
		return nil, err
	})
	l.CallLater(time.Second, func() { sleeper.Cancel("enough") })
	_, err := l.RunUntilComplete(sleeper)
	if !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) || seen != context.Canceled {
		t.Fatal(err, seen)
	}
	if err.(*Error).Message() != "enough" {
		t.Fatal(err)
	}
}

func TestContext_cancelled_cancels_the_task(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	start := time.Now()
	_, err := Run(ctx, func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, time.Minute) })
	if !errors.Is(err, context.Canceled) || time.Since(start) > 10*time.Second {
		t.Fatal(err)
	}
}

func TestSpin_waits_for_other_goroutines(t *testing.T) {
	for _, spin := range []time.Duration{time.Nanosecond, time.Millisecond, 1<<63 - 1} {
		l, err := NewLoop(Spin(spin))
		if err != nil {
			t.Fatal(err)
		}
		const rounds = 50
		answers := make(chan bool, 1)
		go func() {
			for i := 1; i <= rounds; i++ {
				last := i == rounds
				l.CallSoonThreadsafe(func() {
					answers <- true
					if last {
						l.Stop()
					}
				})
				<-answers
			}
		}()
		if err := l.RunForever(); err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
	if _, err := NewLoop(Spin(-1)); err == nil {
		t.Fatal("accepted a negative time to spin")
	}
}

func TestOrder_is_the_same_for_all_batch_sizes(t *testing.T) {
	for _, batch := range []int{1, 2, 256} {
		l := virtual(t, Batch(batch))
		trace := ""
		say := func(s string) { trace += s }
		for _, name := range []string{"a", "b"} {
			name := name
			l.EnsureFuture(func(ctx *Ctx) (any, error) {
				say(name + "1")
				l.Post(func() { say(name + "2") })
				Sleep(ctx, 0)
				say(name + "3")
				return nil, nil
			})
			l.CallSoon(func() { say("c") })
		}
		l.CallLater(time.Second, l.Stop)
		l.RunForever()
		if trace != "a1cb1ca2a3b2b3" {
			t.Fatal(batch, trace)
		}
	}
}

func TestRun_states(t *testing.T) {
	l := virtual(t)
	if l.IsRunning() || l.IsClosed() {
		t.Fatal()
	}
	f, _ := l.CreateFuture()
	if _, err := l.RunUntilComplete(f); !errors.Is(err, ErrDeadlock) {
		t.Fatal(err)
	}
	if _, err := f.Result(); !errors.Is(err, ErrInvalidState) {
		t.Fatal(err)
	}
	_, err := run(t, l, func(*Ctx) (any, error) {
		if !l.IsRunning() {
			t.Error("not running")
		}
		return nil, l.RunForever()
	})
	if !errors.Is(err, ErrRunning) {
		t.Fatal(err)
	}
	l.Close()
	if _, err := l.EnsureFuture(nil); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if l.CallSoonThreadsafe(func() {}) == nil {
		t.Fatal("a closed loop accepted a post")
	}
}

func TestExit_leaves_the_loop(t *testing.T) {
	l := virtual(t)
	trace := ""
	l.Post(func() { l.Raise(NewError("SystemExit", "3")) })
	l.Post(func() { trace += "later" })
	err := l.RunForever()
	if e := (*Error)(nil); !errors.As(err, &e) || e.Kind() != "SystemExit" || trace != "" {
		t.Fatal(err, trace)
	}
	l.Stop()
	if l.RunForever(); trace != "later" {
		t.Fatal(trace)
	}
}

func TestClose_ends_the_goroutines_of_pending_tasks(t *testing.T) {
	before := runtime.NumGoroutine()
	l := virtual(t)
	l.SetExceptionHandler(func(*Report) {})
	deferred := 0
	for i := 0; i < 10; i++ {
		l.EnsureFuture(func(ctx *Ctx) (any, error) {
			defer func() { deferred++ }()
			return nil, Sleep(ctx, time.Hour)
		})
	}
	l.CallSoon(l.Stop)
	l.RunForever()
	l.Close()
	for i := 0; i < 100 && runtime.NumGoroutine() > before; i++ {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before || deferred != 10 {
		t.Fatal(before, n, deferred)
	}
}

func TestConstants_are_those_of_the_headers(t *testing.T) {
	for i, pair := range [][2]int32{
		{eventStep, raw.HOST_STEP}, {eventStepFailed, raw.HOST_STEP_FAILED}, {eventCall, raw.HOST_CALL},
		{eventDoneCall, raw.HOST_DONE_CALL}, {eventReport, raw.HOST_REPORT}, {answerBegin, raw.HOST_BEGIN},
		{answerReturn, raw.HOST_RETURN}, {answerRaise, raw.HOST_RAISE}, {answerSleep, raw.HOST_SLEEP},
		{answerAwaitTask, raw.HOST_AWAIT_TASK}, {answerEnd, raw.HOST_END}, {answerSpawn, raw.HOST_SPAWN},
		{answerCallSoon, raw.HOST_CALL_SOON}, {answerForget, raw.HOST_FORGET}, {stateDropped, raw.HOST_STATE_DROPPED},
		{stateDroppedCount, raw.HOST_STATE_DROPPED_COUNT}, {stateReports, raw.HOST_STATE_REPORTS},
		{stateLeft, raw.HOST_STATE_LEFT}, {int32(kindBool), raw.VALUE_BOOL}, {int32(kindException), raw.VALUE_EXCEPTION}, {int32(kindAddress), raw.VALUE_ADDRESS},
		{int32(AllCompleted), raw.WAIT_ALL_COMPLETED},
	} {
		if pair[0] != pair[1] {
			t.Error(i, pair)
		}
	}
}
