package boucle

import (
	"context"
	"runtime/debug"
)

// blockingCall is a function that runs off the loop, for Block.
type blockingCall struct {
	cancel       context.CancelFunc
	releaseClock func() // lets a virtual clock go on
}

// Block calls fn on a goroutine of its own and suspends the task meanwhile: for what blocks (channels, files, databases,
// long computations), which in the task itself would stop the whole loop. asyncio.to_thread.
//
// fn must not use the loop, but for CallSoonThreadsafe. Its context ends with the task's, and when the await is cancelled
// or the loop closed: fn should return then; its result is dropped, and nobody waits for it. A panic, or runtime.Goexit, is
// its error. On a virtual clock fn takes no time.
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

// callRecovering calls fn; a panic, or runtime.Goexit, is its error.
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

// endBlockingCalls is for a loop that is closed: it waits for nothing.
func (l *Loop) endBlockingCalls() {
	for j := range l.blockingCalls {
		l.endBlockingCall(j)
	}
}
