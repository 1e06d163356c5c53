// Package boucle is an event loop with asyncio's semantics. Tasks are goroutines, of which one runs at a time. They can
// await futures of all languages that share the loop.
//
//	v, err := boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) {
//		slow, _ := boucle.Go(ctx.Loop(), func(ctx *boucle.Ctx) (int, error) {
//			return 42, boucle.Sleep(ctx, time.Second)
//		})
//		return slow.Await(ctx)
//	})
//
// This package runs the loop. The library never calls Go, no OS thread is locked, and one call of the library answers and
// returns the events of many tasks. Between two awaits no other task of the loop runs, so tasks of one loop need no locks
// to protect their data from each other.
//
// A Go error is the same error after it has passed through other languages: errors.Is and errors.As work. Cancelling a
// task cancels its context. A task whose parent context is cancelled is cancelled.
package boucle
