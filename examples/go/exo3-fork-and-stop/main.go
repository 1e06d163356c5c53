// c1 forks c2 and ends first. c2 stops the loop when it ends.
package main

import (
	"fmt"

	"boucle.dev/go/boucle"
	"examples/course"
)

func c2(ctx *boucle.Ctx) (any, error) {
	if _, err := course.Sequence(ctx, "c2: long", 0.3); err != nil {
		return nil, err
	}
	course.ShowTimer("c2 stops the loop")
	ctx.Loop().Stop()
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
	course.Check(loop.Spawn(c1))

	course.StartTimer()
	course.Check(loop.RunForever())
	fmt.Println("bye")
}
