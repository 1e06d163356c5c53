package boucle

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// captureOutput collects what is printed to standard error, until the end of the test.
func captureOutput(t *testing.T) *printed {
	p := &printed{}
	was := p.replace(p)
	t.Cleanup(func() { p.replace(was) })
	return p
}

type printed struct{ text bytes.Buffer }

func (p *printed) replace(w io.Writer) io.Writer {
	output.Lock()
	defer output.Unlock()
	was := output.Writer
	output.Writer = w
	return was
}

func (p *printed) Write(b []byte) (int, error) { return p.text.Write(b) }

func (p *printed) String() string {
	output.Lock()
	defer output.Unlock()
	return p.text.String()
}

func (p *printed) has(parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(p.String(), part) {
			return false
		}
	}
	return true
}

// loseError makes a future that fails and that nothing reads.
func loseError(l *Loop, err error) {
	f, _ := l.CreateFuture()
	f.SetException(err)
	f.Release()
}

// Issue 11, finding 20.
func TestReport_kept_keeps_its_future(t *testing.T) {
	l := virtual(t)
	var kept []*Report
	l.SetExceptionHandler(func(r *Report) { kept = append(kept, r) })
	for i := 0; i < 10; i++ {
		loseError(l, io.EOF)
	}
	for i := 0; i < 100; i++ { // memory that was freed is used again
		l.CreateFuture()
	}
	for _, r := range kept {
		if _, err := r.Future.Result(); err != io.EOF || !r.Future.Done() || r.Err != io.EOF {
			t.Fatal(err)
		}
		r.Future.Release()
	}
	if len(kept) != 10 {
		t.Fatal(len(kept))
	}
}

func TestReport_of_a_pending_task_keeps_it_pending(t *testing.T) {
	l := virtual(t)
	var kept *Future[any]
	l.SetExceptionHandler(func(r *Report) { kept = r.Future })
	f, _ := l.CreateFuture()
	l.Spawn(func(ctx *Ctx) (any, error) { return f.Await(ctx) })
	l.CallLater(time.Second, f.Release)
	l.CallLater(2*time.Second, l.Stop)
	l.RunForever()
	if kept == nil || kept.Done() || kept.AsTask() == nil {
		t.Fatal("not the pending task")
	}
}

// Issue 11, finding 21.
func TestHandler_that_panics_or_exits_is_reported(t *testing.T) {
	for name, fail := range map[string]func(){"panic: oh": func() { panic("oh") }, "runtime.Goexit": runtime.Goexit} {
		out := captureOutput(t)
		l := virtual(t)
		l.SetExceptionHandler(func(*Report) { fail() })
		loseError(l, io.EOF) // while the loop does not run
		l.Post(func() { loseError(l, io.ErrNoProgress) })
		l.Post(func() { panic("of the callback") })
		l.Spawn(func(*Ctx) (any, error) { return nil, io.ErrShortWrite })
		l.CallLater(time.Second, l.Stop)
		if err := l.RunForever(); err != nil {
			t.Fatal(err)
		}
		if !out.has("Unhandled error in exception handler", name, "EOF", "Read", "of the callback", "short write") {
			t.Fatal(out)
		}
	}
}

func TestHandler_cannot_await_and_is_not_called_inside_itself(t *testing.T) {
	l := virtual(t)
	depth, deepest, calls := 0, 0, 0
	var awaited error
	l.EnsureFuture(func(ctx *Ctx) (any, error) {
		l.SetExceptionHandler(func(*Report) {
			if depth++; depth > deepest {
				deepest = depth
			}
			if calls++; calls < 1000 {
				loseError(l, io.EOF)
			}
			awaited = Sleep(ctx, 0)
			depth--
		})
		loseError(l, io.EOF)
		l.Stop()
		return nil, nil
	})
	l.RunForever()
	if calls != 1000 || deepest != 1 || !errors.Is(awaited, ErrNoTask) {
		t.Fatal(calls, deepest, awaited)
	}
}

func TestHandler_runs_the_loop_which_reports_meanwhile(t *testing.T) {
	for _, batch := range []int{1, 256} {
		l := virtual(t, Batch(batch))
		var got []error
		l.SetExceptionHandler(func(r *Report) {
			if got = append(got, r.Err); len(got) > 1 {
				return
			}
			v, err := run(t, l, func(ctx *Ctx) (any, error) {
				l.Post(func() { l.Raise(io.EOF) })
				return 7, Sleep(ctx, time.Second)
			})
			if v != 7 || err != nil {
				t.Error(v, err)
			}
		})
		loseError(l, io.ErrShortWrite)
		if len(got) != 2 || got[0] != io.ErrShortWrite || got[1] != io.EOF {
			t.Fatal(got)
		}
	}
}

func TestClose_reports_a_panic_in_a_deferred_call(t *testing.T) {
	l := virtual(t)
	var reports []error
	l.SetExceptionHandler(func(r *Report) { reports = append(reports, r.Err) })
	sleeper := func(last func()) {
		l.EnsureFuture(func(ctx *Ctx) (any, error) {
			defer last()
			return nil, Sleep(ctx, time.Hour)
		})
	}
	sleeper(func() { panic(io.EOF) })
	sleeper(runtime.Goexit)
	sleeper(func() {})
	l.Post(l.Stop)
	l.RunForever()
	l.Close()
	if len(reports) != 1 || !errors.Is(reports[0], io.EOF) {
		t.Fatal(reports)
	}
}

func TestClose_ends_a_task_whatever_its_deferred_calls_do(t *testing.T) {
	l := virtual(t)
	reports := 0
	l.SetExceptionHandler(func(r *Report) { reports++ })
	fail := []func(){func() { panic(io.EOF) }, runtime.Goexit, func() { defer func() { recover() }(); panic(io.EOF) }, func() {}}
	for i := 0; i < 64; i++ {
		first, second, third := fail[i%4], fail[i/4%4], fail[i/16]
		l.Spawn(func(ctx *Ctx) (any, error) {
			defer third()
			defer second()
			defer first()
			return nil, Sleep(ctx, time.Hour)
		})
	}
	l.Post(l.Stop)
	l.RunForever()
	l.Close()
	if _, err := l.CreateFuture(); !errors.Is(err, ErrClosed) || reports == 0 {
		t.Fatal(err, reports)
	}
}

func TestFinally_that_panics_or_exits_is_reported(t *testing.T) {
	l := virtual(t)
	var reports []string
	l.SetExceptionHandler(func(r *Report) { reports = append(reports, r.Message) })
	for _, fail := range []func(){runtime.Goexit, func() { panic("oh") }} {
		c, _ := l.CallSoon(func() {})
		c.Finally(fail)
		task, _ := l.EnsureFuture(func(*Ctx) (any, error) { return nil, nil })
		task.Finally(fail)
	}
	l.CallLater(time.Second, l.Stop)
	l.RunForever()
	if len(reports) != 4 {
		t.Fatal(reports)
	}
}

type panickingError struct{}

func (panickingError) Error() string { panic("an Error that panics") }

type exitingError struct{}

func (exitingError) Error() string { return "exits" }
func (exitingError) Is(error) bool { runtime.Goexit(); return false }

// An error whose methods panic still ends its task. Programs do return (*codeError)(nil).
func TestError_whose_methods_fail_ends_its_task(t *testing.T) {
	l := virtual(t)
	for _, sent := range []error{(*codeError)(nil), panickingError{}, (*Error)(nil)} {
		_, err := run(t, l, func(*Ctx) (any, error) { return nil, sent })
		if err != sent {
			t.Fatalf("%T", err)
		}
	}
	var p *PanicError
	if _, err := run(t, l, func(*Ctx) (any, error) { return nil, exitingError{} }); !errors.As(err, &p) {
		t.Fatalf("%T", err)
	}
}

// While a task is suspended, its goroutine may call host_pump. This may drop the same task.
func TestTask_dropped_while_its_goroutine_pumps_ends(t *testing.T) {
	l := virtual(t)
	l.SetExceptionHandler(func(r *Report) { r.Future.Release() })
	ended := false
	f, _ := l.CreateFuture()
	l.Spawn(func(ctx *Ctx) (any, error) {
		defer func() { ended = true }()
		l.releases.add(deferredRelease{unref: f.f.own.unref, ptr: f.f.own.ptr}) // as the finalizer does
		return f.Await(ctx)
	})
	l.CallLater(time.Second, l.Stop)
	if err := l.RunForever(); err != nil || !ended {
		t.Fatal(err, ended)
	}
	f.f.own.ptr = 0
	runtime.SetFinalizer(f.f.own, nil)
}
