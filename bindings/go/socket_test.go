package boucle

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
)

// socketPair returns two connected sockets, which block, and closes them at the end of the test.
func socketPair(t testing.TB) (int, int) {
	t.Helper()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(ends[0]); syscall.Close(ends[1]) })
	return ends[0], ends[1]
}

// inTask runs fn as a task of a new loop.
func inTask(t testing.TB, fn func(l *Loop, ctx *Ctx) error) {
	t.Helper()
	l, err := NewLoop()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := run(t, l, func(ctx *Ctx) (any, error) { return nil, fn(l, ctx) }); err != nil {
		t.Fatal(err)
	}
}

func TestSockRecv_returns_what_is_there_and_then_the_end(t *testing.T) {
	a, b := socketPair(t)
	inTask(t, func(l *Loop, ctx *Ctx) error {
		syscall.Write(b, []byte("hello"))
		first, err := l.SockRecv(ctx, a, 3)
		second, err2 := l.SockRecv(ctx, a, 100)
		if err != nil || err2 != nil || string(first) != "hel" || string(second) != "lo" {
			return fmt.Errorf("%q %v, %q %v", first, err, second, err2)
		}
		syscall.Shutdown(b, syscall.SHUT_WR)
		if end, err := l.SockRecv(ctx, a, 100); err != nil || len(end) != 0 {
			return fmt.Errorf("%q %v at the end", end, err)
		}
		return nil
	})
}

func TestSockRecv_waits_while_other_tasks_run(t *testing.T) {
	a, b := socketPair(t)
	inTask(t, func(l *Loop, ctx *Ctx) error {
		turns := 0
		l.EnsureFuture(func(ctx *Ctx) (any, error) {
			for ; turns < 3; turns++ {
				Sleep(ctx, 0)
			}
			syscall.Write(b, []byte("later"))
			return nil, nil
		})
		data, err := l.SockRecv(ctx, a, 100)
		if err != nil || string(data) != "later" || turns != 3 {
			return fmt.Errorf("%q %v after %d turns", data, err, turns)
		}
		return nil
	})
}

func TestSockRecv_that_is_cancelled_loses_nothing(t *testing.T) {
	a, b := socketPair(t)
	inTask(t, func(l *Loop, ctx *Ctx) error {
		task, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) { return l.SockRecv(ctx, a, 100) })
		Sleep(ctx, 0)
		task.Cancel()
		if _, err := Await(ctx, task); !errors.Is(err, ErrCancelled) {
			return fmt.Errorf("cancelled: %v", err)
		}
		syscall.Write(b, []byte("kept"))
		if data, err := l.SockRecv(ctx, a, 100); err != nil || string(data) != "kept" {
			return fmt.Errorf("%q %v", data, err)
		}
		return nil
	})
}

func TestSockSendall_sends_a_megabyte_and_nothing(t *testing.T) {
	a, b := socketPair(t)
	inTask(t, func(l *Loop, ctx *Ctx) error {
		const size = 1 << 20
		sender, _ := l.EnsureFuture(func(ctx *Ctx) (any, error) {
			if err := l.SockSendall(ctx, a, make([]byte, size)); err != nil {
				return nil, err
			}
			return nil, l.SockSendall(ctx, a, nil)
		})
		received := 0
		for received < size {
			data, err := l.SockRecv(ctx, b, size)
			if err != nil {
				return err
			}
			received += len(data)
		}
		_, err := Await(ctx, sender)
		return err
	})
}

func TestSock_errors_are_those_of_the_system(t *testing.T) {
	a, b := socketPair(t)
	inTask(t, func(l *Loop, ctx *Ctx) error {
		syscall.Shutdown(a, syscall.SHUT_WR)
		var number syscall.Errno
		if err := l.SockSendall(ctx, a, []byte("x")); !errors.Is(err, syscall.EPIPE) || !errors.As(err, &number) {
			return fmt.Errorf("sent after the end: %v", err)
		}
		if _, err := l.SockRecv(ctx, b, -1); !errors.Is(err, ErrInvalid) {
			return fmt.Errorf("received -1 bytes: %v", err)
		}
		if _, err := l.SockRecv(ctx, -1, 1); !errors.Is(err, syscall.EBADF) {
			return fmt.Errorf("received from -1: %v", err)
		}
		if _, err := l.SockRecv(nil, b, 1); !errors.Is(err, ErrNoTask) {
			return fmt.Errorf("received without a task: %v", err)
		}
		return nil
	})
}

func TestSock_readable_and_writable(t *testing.T) {
	a, b := socketPair(t)
	inTask(t, func(l *Loop, ctx *Ctx) error {
		if err := l.SockWritable(ctx, a); err != nil {
			return err
		}
		l.CallSoon(func() { syscall.Write(b, []byte("x")) })
		return l.SockReadable(ctx, a)
	})
}

func TestSockAccept_returns_a_connection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	inTask(t, func(l *Loop, ctx *Ctx) error {
		connected := make(chan net.Conn, 1)
		go func() {
			c, _ := net.Dial("tcp", listener.Addr().String())
			connected <- c
		}()
		fd, err := l.SockAccept(ctx, int(file.Fd()))
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		client := <-connected
		defer client.Close()
		client.Write([]byte("hi"))
		if data, err := l.SockRecv(ctx, fd, 10); err != nil || string(data) != "hi" {
			return fmt.Errorf("%q %v", data, err)
		}
		return nil
	})
}
