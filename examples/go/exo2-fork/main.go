// c1 forks c2: it makes a task of c2, and does not wait for it. The loop runs until Ctrl-C.
package main

import (
	"fmt"
	"os"
	"os/signal"

	"boucle.dev/go/boucle"
	"examples/course"
)

func c2(ctx *boucle.Ctx) (any, error) {
	if _, err := course.Sequence(ctx, "c2: long", 0.3); err != nil {
		return nil, err
	}
	course.ShowTimer("c2 ends")
	return nil, nil
}

func c1(ctx *boucle.Ctx) (any, error) {
	if _, err := course.Sequence(ctx, "c1: first", 0.1); err != nil {
		return nil, err
	}
	course.ShowTimer("c1 forks c2")
	course.Check(ctx.Loop().Spawn(c2))
	if _, err := course.Sequence(ctx, "c1: second", 0.1); err != nil {
		return nil, err
	}
	course.ShowTimer("c1 ends")
	return nil, nil
}

func main() {
	loop := course.Must(boucle.NewLoop())
	defer loop.Close()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		<-interrupts
		loop.StopThreadsafe()
	}()
	course.Check(loop.Spawn(c1))

	course.StartTimer()
	course.Check(loop.RunForever())
	fmt.Println("bye")
}
