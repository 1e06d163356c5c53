package boucle

import (
	"context"
	"runtime/debug"
)

// job is a function that runs off the loop, for Block.
type job struct {
	stop    context.CancelFunc
	release func() // lets a virtual clock go on
}

// Block calls fn on a goroutine of its own and suspends the task meanwhile: for what blocks (channels, files, databases,
// long computations), which in the task itself would stop the whole loop. asyncio.to_thread.
//
// fn must not use the loop, but for CallSoonThreadsafe. Its context ends with the task's, and when the await is cancelled
// or the loop closed: fn should return then; its result is dropped, and nobody waits for it. A panic, or runtime.Goexit, is
// its error. On a virtual clock fn takes no time.
func Block[T any](ctx *Ctx, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := ctx.check(); err != nil {
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
	inner, j := l.newJob(ctx)
	defer l.endJob(j)
	var v T
	go func() {
		err := runJob(func() (err error) {
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
		j.release()
	}()
	if _, err := result.Await(ctx); err != nil {
		return zero, err
	}
	return v, nil
}

// runJob calls fn; a panic, or runtime.Goexit, is its error.
func runJob(fn func() error) error {
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

func (l *Loop) newJob(ctx *Ctx) (context.Context, *job) {
	inner, stop := context.WithCancel(ctx)
	j := &job{stop: stop, release: func() {}}
	if l.virtual {
		j.release = holdClock(l.ptr)
	}
	l.blocking[j] = true
	return inner, j
}

func (l *Loop) endJob(j *job) {
	delete(l.blocking, j)
	j.stop()
	j.release()
}

// endJobs is for a loop that is closed: it waits for nothing.
func (l *Loop) endJobs() {
	for j := range l.blocking {
		l.endJob(j)
	}
}
