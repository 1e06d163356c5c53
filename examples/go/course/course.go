// Package course has the helpers of the course: a timer that prints elapsed time, and Sequence.
package course

import (
	"fmt"
	"log"
	"time"

	"boucle.dev/go/boucle"
)

var start = time.Now()

// StartTimer starts the timer.
func StartTimer() { start = time.Now() }

// ShowTimer prints a message with the time that has passed.
func ShowTimer(message string) { fmt.Printf("%.2fs %s\n", time.Since(start).Seconds(), message) }

// Sequence prints a message, sleeps, prints another message, and returns ten times the delay.
func Sequence(ctx *boucle.Ctx, name string, delay float64) (float64, error) {
	ShowTimer(name + " before")
	if err := boucle.Sleep(ctx, time.Duration(delay*float64(time.Second))); err != nil {
		return 0, err
	}
	ShowTimer(name + " after")
	return 10 * delay, nil
}

// Start makes a task of Sequence.
func Start(l *boucle.Loop, name string, delay float64) *boucle.Task[float64] {
	return Must(boucle.Go(l, func(ctx *boucle.Ctx) (float64, error) { return Sequence(ctx, name, delay) }))
}

// Must ends the program if there is an error.
func Must[T any](v T, err error) T {
	Check(err)
	return v
}

// Check ends the program if there is an error.
func Check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
