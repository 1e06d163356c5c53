// A task that is not done when RunUntilComplete returns goes on in a later RunForever.
package main

import (
	"fmt"

	"boucle.dev/go/boucle"
	"examples/course"
)

func main() {
	loop := course.Must(boucle.NewLoop())
	defer loop.Close()
	course.StartTimer()
	lengthy := course.Start(loop, "lengthy", 0.3)
	brief := course.Start(loop, "brief", 0.1)

	fmt.Printf("brief returned %g\n", course.Must(loop.RunUntilComplete(brief)))
	if lengthy.Done() {
		fmt.Println("lengthy is done")
	} else {
		fmt.Println("lengthy is not done")
	}

	course.Must(lengthy.AddDoneCallback(func(*boucle.Future[float64]) { loop.Stop() }))
	course.Check(loop.RunForever())
	fmt.Printf("lengthy returned %g\n", course.Must(lengthy.Result()))
}
