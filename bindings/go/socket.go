package boucle

import (
	"runtime"
	"syscall"

	"boucle.dev/go/boucle/internal/raw"
)

// Sockets of the program's own: asyncio's loop.sock_recv() and the like. Each method suspends the task of ctx, which must be
// a task of this loop, until it is done. Tasks that wait for one descriptor and direction get their turns in the order of
// the calls; AddReader and AddWriter of the same descriptor work beside them.
//
// The descriptor may block or not; it is not changed, and stays the program's. Keep the os.File or net.Conn that it belongs
// to in use until the method returns, and cancel the tasks that wait for a descriptor before it is closed.
//
// What the system refuses is an error of the kind "OSError": errors.Is(err, syscall.EPIPE), errors.As(err, &errno).

// SockReadable waits until the descriptor can be read, is at its end, or broken.
func (l *Loop) SockReadable(ctx *Ctx, fd int) error {
	_, err := l.awaitDescriptor(ctx, fd, func(ret *uintptr) int { return raw.Loop_sock_readable(l.ptr, fd, ret) })
	return err
}

// SockWritable waits until the descriptor can be written, or is broken.
func (l *Loop) SockWritable(ctx *Ctx, fd int) error {
	_, err := l.awaitDescriptor(ctx, fd, func(ret *uintptr) int { return raw.Loop_sock_writable(l.ptr, fd, ret) })
	return err
}

// SockRecv waits until there is something to receive, and returns what is there: at most max bytes, and at most 64 KiB. It
// returns an empty slice at the end. If it is cancelled while it waits, it has received nothing.
func (l *Loop) SockRecv(ctx *Ctx, fd, max int) ([]byte, error) {
	if max < 0 {
		return nil, errInvalid()
	}
	return As[[]byte](l.awaitDescriptor(ctx, fd, func(ret *uintptr) int {
		return raw.Loop_sock_recv(l.ptr, fd, uintptr(max), ret)
	}))
}

// SockSendall sends all of data. The library copies it first, so the program may change it once another task runs. If it is
// cancelled, a part may have been sent.
func (l *Loop) SockSendall(ctx *Ctx, fd int, data []byte) error {
	_, err := l.awaitDescriptor(ctx, fd, func(ret *uintptr) int { return startSendall(l.ptr, fd, data, ret) })
	return err
}

// SockAccept waits for a connection at a socket that listens, and returns its descriptor, which the program closes. It is
// non-blocking and close-on-exec. A task that is cancelled leaves the connection to the next one, or, if it was accepted
// already, closes it.
func (l *Loop) SockAccept(ctx *Ctx, fd int) (int, error) {
	v, err := l.awaitDescriptor(ctx, fd, func(ret *uintptr) int { return raw.Loop_sock_accept(l.ptr, fd, ret) })
	if err != nil {
		return -1, err
	}
	var accepted int32
	o := v.(*Opaque) // it owns the descriptor until it is taken out
	must(raw.Value_take_fd(o.value, &accepted))
	runtime.KeepAlive(o)
	return int(accepted), nil
}

// awaitDescriptor awaits the future that start makes.
func (l *Loop) awaitDescriptor(ctx *Ctx, fd int, start func(*uintptr) int) (any, error) {
	if err := ctx.checkRunning(); err != nil {
		return nil, err
	}
	if ctx.task.loop != l {
		return nil, statusError(int(raw.LOOP_EWRONGLOOP))
	}
	if !isDescriptor(fd) {
		return nil, statusError(-int(syscall.EBADF))
	}
	return ctx.awaitFuture(func(_ *Loop, ret *uintptr) int { return start(ret) })
}
