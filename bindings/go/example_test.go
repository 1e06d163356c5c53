package boucle_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"boucle.dev/go/boucle"
)

func ExampleRun() {
	v, err := boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) {
		if err := boucle.Sleep(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
		return "hello, world", nil
	})
	fmt.Println(v, err)
	// Output: hello, world <nil>
}

func ExampleGather() {
	boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) {
		square := func(n int) *boucle.Task[int] {
			t, _ := boucle.Go(ctx.Loop(), func(ctx *boucle.Ctx) (int, error) { return n * n, boucle.Sleep(ctx, time.Hour) })
			return t
		}
		all, err := boucle.Gather(ctx.Loop(), boucle.FirstError, square(2), square(3))
		if err != nil {
			return nil, err
		}
		fmt.Println(all.Await(ctx))
		return nil, nil
	}, boucle.VirtualClock())
	// Output: [4 9] <nil>
}

func ExampleTimeout() {
	_, err := boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) {
		return nil, boucle.Timeout(ctx, time.Second, func(*boucle.Scope) error { return boucle.Sleep(ctx, time.Hour) })
	}, boucle.VirtualClock())
	fmt.Println(errors.Is(err, boucle.ErrTimeout), errors.Is(err, context.DeadlineExceeded))
	// Output: true true
}

func ExampleGroup() {
	_, err := boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) {
		return nil, boucle.Group(ctx, func(g *boucle.TaskGroup) error {
			g.EnsureFuture(func(*boucle.Ctx) (any, error) { return nil, os.ErrPermission })
			g.EnsureFuture(func(ctx *boucle.Ctx) (any, error) { return nil, boucle.Sleep(ctx, time.Hour) })
			return nil
		})
	}, boucle.VirtualClock())
	fmt.Println(errors.Is(err, os.ErrPermission))
	// Output: true
}

func ExampleLoop_CallSoonThreadsafe() {
	loop, _ := boucle.NewLoop()
	defer loop.Close()
	go loop.CallSoonThreadsafe(func() {
		fmt.Println("called")
		loop.Stop()
	})
	loop.RunForever()
	// Output: called
}

func ExampleGetAddrInfo() {
	boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) {
		found, err := boucle.GetAddrInfo(ctx, "localhost", "http", boucle.LookupHints{Family: syscall.AF_INET, Type: syscall.SOCK_STREAM})
		if err != nil {
			return nil, err
		}
		fmt.Println(found[0].Addr)
		return nil, nil
	})
	// Output: 127.0.0.1:80
}
