package boucle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// Here the raw functions stand for C code: they have the same pointers.

func rawFuture(t *testing.T, l *Loop) unsafe.Pointer {
	t.Helper()
	var future uintptr
	must(raw.Loop_create_future(uintptr(l.Pointer()), &future))
	return pointer(future)
}

func TestAdopt_future_of_c_is_awaited_by_go(t *testing.T) {
	l := virtual(t)
	future := rawFuture(t, l)
	adopted := Adopt[string](l, future)
	if adopted.Pointer() != future {
		t.Fatal("another pointer")
	}
	l.CallLater(time.Second, func() {
		value := NewValue("from C")
		must(raw.Future_set_result(uintptr(adopted.Pointer()), uintptr(value)))
		raw.Value_unref(uintptr(value))
	})
	v, err := run(t, l, func(ctx *Ctx) (any, error) { return adopted.Await(ctx) })
	if v != "from C" || err != nil {
		t.Fatal(v, err)
	}
}

func TestAdopt_task_cancelled_cancels_the_future(t *testing.T) {
	l := virtual(t)
	adopted := Adopt[any](l, rawFuture(t, l))
	task, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return adopted.Await(ctx) })
	l.CallSoon(func() { task.Cancel("enough") })
	_, err := l.RunUntilComplete(task)
	if !errors.Is(err, ErrCancelled) || !adopted.Cancelled() {
		t.Fatal(err, adopted.Cancelled())
	}
}

func TestAdopt_future_of_another_loop_is_refused(t *testing.T) {
	l, other := virtual(t), virtual(t)
	adopted := Adopt[any](l, rawFuture(t, other))
	if _, err := l.RunUntilComplete(adopted); err == nil {
		t.Fatal("the loop accepted a future of another loop")
	}
}

func TestAdopt_nil_cannot_be_awaited(t *testing.T) {
	l := virtual(t)
	nothing := Adopt[any](l, nil)
	var e *Error
	if _, err := l.RunUntilComplete(nothing); !errors.As(err, &e) || nothing.Done() || nothing.Pointer() != nil {
		t.Fatal(err)
	}
	_, err := run(t, l, func(ctx *Ctx) (any, error) { return nothing.Await(ctx) })
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	nothing.Release()
}

func TestPointer_of_a_task_is_the_task(t *testing.T) {
	l := virtual(t)
	task, _ := l.EnsureFuture(func(*Ctx) (any, error) { return 7, nil })
	before := task.Pointer()
	if raw.Future_as_task(uintptr(before)) == 0 || raw.Future_done(uintptr(before)) == 1 {
		t.Fatal("not a pending task")
	}
	if v, err := l.RunUntilComplete(task); v != 7 || err != nil {
		t.Fatal(v, err)
	}
	if task.Pointer() != before || raw.Future_done(uintptr(before)) != 1 {
		t.Fatal("not the same, done")
	}
}

func TestPointer_of_a_task_that_was_forgotten_has_its_result(t *testing.T) {
	l := virtual(t)
	task, _ := l.EnsureFuture(func(*Ctx) (any, error) { return 7, nil })
	l.CallLater(time.Second, l.Stop)
	l.RunForever()
	again := Adopt[int](l, pointer(raw.Future_ref(uintptr(task.Pointer()))))
	if v, err := again.Result(); v != 7 || err != nil {
		t.Fatal(v, err)
	}
}

// When a task calls C, the library has done what the task asked for before.
func TestPointer_submits_the_answers_of_the_task(t *testing.T) {
	l := virtual(t)
	count := func() (n uintptr) {
		must(raw.Loop_all_tasks(uintptr(l.Pointer()), nil, 0, &n))
		return n
	}
	v, err := run(t, l, func(ctx *Ctx) (any, error) {
		if err := Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		l.Spawn(func(*Ctx) (any, error) { return nil, nil })
		if raw.Task_get_current(uintptr(l.Pointer())) == 0 {
			t.Error("no task is running")
		}
		return int(count()), nil
	})
	if v != 2 || err != nil {
		t.Fatal(v, err)
	}
}

func TestPointer_of_a_closed_loop_is_nil(t *testing.T) {
	l := virtual(t)
	f, _ := l.CreateFuture()
	f.SetResult(1)
	l.Close()
	if l.Pointer() != nil {
		t.Fatal("a closed loop has a pointer")
	}
	if raw.Future_done(uintptr(f.Pointer())) != 1 {
		t.Fatal("the future is not readable")
	}
}

func TestStatusError_matches_the_error_of_the_status(t *testing.T) {
	if StatusError(0) != nil || StatusError(3) != nil {
		t.Fatal("a status of 0 or above is an error")
	}
	if err := StatusError(int(raw.LOOP_ECLOSED)); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := StatusError(-2); err == nil {
		t.Fatal("no error for ENOENT")
	}
}

func TestStatusError_of_an_errno_matches_that_errno(t *testing.T) {
	err := StatusError(-int(syscall.ECONNRESET))
	if !errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, ErrTimeout) {
		t.Fatal(err)
	}
	if kind, text := err.(*Error).Kind(), err.(*Error).Message(); kind != "ConnectionResetError" ||
		text != "[Errno 104] Connection reset by peer" {
		t.Fatal(kind, text)
	}
	var number syscall.Errno
	if !errors.As(fmt.Errorf("read: %w", err), &number) || number != syscall.ECONNRESET {
		t.Fatal(number)
	}
	if err := StatusError(-int(syscall.ENOENT)); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	if err := StatusError(-int(syscall.ETIMEDOUT)); !errors.Is(err, ErrTimeout) || !errors.Is(err, syscall.ETIMEDOUT) {
		t.Fatal(err)
	}
	if err := StatusError(int(raw.LOOP_ECLOSED)); errors.As(err, &number) || errors.Is(err, syscall.Errno(10004)) {
		t.Fatal(err)
	}
}

func TestNewValue_crosses_and_comes_back(t *testing.T) {
	p := &point{1, 2}
	for _, v := range []any{nil, true, 7, 2.5, "a\x00b", p, io.EOF} {
		value := NewValue(v)
		if got := FromValue(value); got != v {
			t.Fatalf("%#v became %#v", v, got)
		}
		raw.Value_unref(uintptr(value))
	}
	if NewValue(nil) != nil {
		t.Fatal("nil has a value_t")
	}
}

// Go holds a reference to a value of another language, and gives the same value back.
func TestOpaque_goes_back_as_what_it_came_as(t *testing.T) {
	l := virtual(t)
	value := newOpaqueValue()
	live := LiveObjects()
	f, _ := l.CreateFuture()
	must(raw.Future_set_result(uintptr(f.Pointer()), value))
	raw.Value_unref(value)
	v, err := run(t, l, func(ctx *Ctx) (any, error) { return f.Await(ctx) })
	f.Release()
	opaque, ok := v.(*Opaque)
	if !ok || err != nil {
		t.Fatal(v, err)
	}
	runtime.GC()
	back := NewValue(opaque)
	if uintptr(back) != value {
		t.Fatal("another value")
	}
	raw.Value_unref(uintptr(back))
	if n := LiveObjects(); n > live {
		t.Fatal(live, n)
	}
	runtime.KeepAlive(opaque)
}

func TestOpaque_in_a_list_outlives_the_list(t *testing.T) {
	value := newOpaqueValue()
	var list uintptr
	must(raw.Value_new_list(&value, 1, &list))
	raw.Value_unref(value)
	items := FromValue(pointer(list)).([]any)
	raw.Value_unref(list)
	back := NewValue(items[0])
	defer raw.Value_unref(uintptr(back))
	if uintptr(back) != value || len(items) != 1 {
		t.Fatal("another value")
	}
}
