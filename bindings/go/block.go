package boucle

import (
	"context"
	"runtime/debug"
)

// blockingCall is a function that Block runs.
type blockingCall struct {
	cancel       context.CancelFunc
	releaseClock func() // a virtual clock stands still until this is called
}

// Block calls fn on a goroutine of its own and suspends the task meanwhile. It is for code that blocks (channels,
// files, databases, long computations), which would stop the whole loop if the task called it. It is
// asyncio.to_thread().
//
// fn must not use the loop, except for CallSoonThreadsafe. Its context is cancelled when the task is cancelled or ends,
// and when the loop is closed. fn should return then; its result is dropped, and nothing waits for it. If fn panics or
// calls runtime.Goexit, Block returns an error. On a virtual clock fn takes no time.
func Block[T any](ctx *Ctx, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := ctx.checkRunning(); err != nil {
		return zero, err
	}
	if fn == nil {
		return zero, errInvalid()
	}
	l := ctx.task.loop
	result, err := NewFuture[any](l)
	if err != nil {
		return zero, err
	}
	defer result.Release()
	inner, j := l.startBlockingCall(ctx)
	defer l.endBlockingCall(j)
	var v T
	go func() {
		err := callRecovering(func() (err error) {
			v, err = fn(inner)
			return err
		})
		l.CallSoonThreadsafe(func() {
			if err != nil {
				result.SetException(err)
			} else {
				result.SetResult(nil)
			}
		})
		j.releaseClock()
	}()
	if _, err := result.Await(ctx); err != nil {
		return zero, err
	}
	return v, nil
}

// callRecovering calls fn. It returns an error if fn panics or calls runtime.Goexit.
func callRecovering(fn func() error) error {
	result := make(chan error, 1)
	go func() {
		returned := false
		defer func() {
			if !returned {
				result <- &PanicError{Value: recover(), Stack: debug.Stack()}
			}
		}()
		err := fn()
		returned = true
		result <- err
	}()
	return <-result
}

func (l *Loop) startBlockingCall(ctx *Ctx) (context.Context, *blockingCall) {
	inner, stop := context.WithCancel(ctx)
	j := &blockingCall{cancel: stop, releaseClock: func() {}}
	if l.virtual {
		j.releaseClock = holdClock(l.ptr)
	}
	l.blockingCalls[j] = true
	return inner, j
}

func (l *Loop) endBlockingCall(j *blockingCall) {
	delete(l.blockingCalls, j)
	j.cancel()
	j.releaseClock()
}

// endBlockingCalls cancels the contexts of all blocking calls. It does not wait for them.
func (l *Loop) endBlockingCalls() {
	for j := range l.blockingCalls {
		l.endBlockingCall(j)
	}
}
