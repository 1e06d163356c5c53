// Package boucle is an event loop with asyncio's semantics for Go: tasks are goroutines that take turns, and await the
// futures of any language that shares the loop.
//
//	v, err := boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) {
//		slow, _ := boucle.Go(ctx.Loop(), func(ctx *boucle.Ctx) (int, error) {
//			return 42, boucle.Sleep(ctx, time.Second)
//		})
//		return slow.Await(ctx)
//	})
//
// The Go side drives the loop: the library never calls Go, no thread is locked, and the steps of many tasks cross the border in one
// call. Between two awaits a task has the loop to itself, so tasks of one loop need no locks against each other.
//
// Errors come back as themselves: errors.Is and errors.As work across languages. Cancelling a task cancels its context,
// and the other way around.
package boucle
