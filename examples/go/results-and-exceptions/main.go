// How to read the result of a task, what happens if it is read too early, and who gets an exception: the code that awaits
// the task, the code that reads the exception from the task, or, if there is neither, the loop's exception handler.
package main

import (
	"errors"
	"fmt"

	"boucle.dev/go/boucle"
	"examples/course"
)

func printException(before string, err error) { fmt.Printf("%s: %v\n", before, err) }

// boom(n) awaits boom(n - 1); boom(0) fails.
func boom(level int) func(*boucle.Ctx) (any, error) {
	return func(ctx *boucle.Ctx) (any, error) {
		fmt.Printf("boom(%d)\n", level)
		if level == 0 {
			return nil, boucle.NewError("ValueError", "boom!")
		}
		deeper, err := ctx.Loop().EnsureFuture(boom(level - 1))
		if err != nil {
			return nil, err
		}
		return boucle.Await(ctx, deeper)
	}
}

func resultReadTooEarly(loop *boucle.Loop) {
	task := course.Start(loop, "task", 0.1)
	if _, err := task.Result(); errors.Is(err, boucle.ErrInvalidState) {
		fmt.Println("too early: InvalidStateError")
	}
	course.Must(loop.RunUntilComplete(task))
	fmt.Printf("in time: %g\n", course.Must(task.Result()))
}

func exceptionReadFromTheTask(loop *boucle.Loop) {
	task := course.Must(loop.EnsureFuture(boom(4)))
	if _, err := loop.RunUntilComplete(task); err != nil {
		fmt.Println("the run failed")
	}
	printException("read from the task", task.Exception())
}

func exceptionReadByNobody(loop *boucle.Loop) {
	other := course.Start(loop, "other", 0.1)
	loop.SetExceptionHandler(func(r *boucle.Report) { printException(r.Message, r.Err) })
	course.Check(loop.Spawn(boom(0)))
	course.Must(loop.RunUntilComplete(other))
}

func main() {
	loop := course.Must(boucle.NewLoop())
	defer loop.Close()
	course.StartTimer()
	resultReadTooEarly(loop)
	exceptionReadFromTheTask(loop)
	exceptionReadByNobody(loop)
}
