// Code that is not asynchronous gathers two tickers and runs them until both are done.
package main

import (
	"fmt"
	"time"

	"boucle.dev/go/boucle"
	"examples/course"
)

func ticker(name string, ticks int, interval time.Duration) func(*boucle.Ctx) (any, error) {
	return func(ctx *boucle.Ctx) (any, error) {
		for done := 1; done <= ticks; done++ {
			if err := boucle.Sleep(ctx, interval); err != nil {
				return nil, err
			}
			course.ShowTimer(fmt.Sprintf("%s: tick %d of %d", name, done, ticks))
		}
		return nil, nil
	}
}

func main() {
	loop := course.Must(boucle.NewLoop())
	defer loop.Close()
	slow := course.Must(loop.EnsureFuture(ticker("slow", 3, 100*time.Millisecond)))
	fast := course.Must(loop.EnsureFuture(ticker("fast", 6, 50*time.Millisecond)))
	both := course.Must(boucle.Gather(loop, boucle.FirstError, slow, fast))

	course.StartTimer()
	course.Must(loop.RunUntilComplete(both))
	fmt.Println("both are done")
}
