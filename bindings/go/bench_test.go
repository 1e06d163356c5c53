package boucle

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// Benchmarks of this package, each with its counterpart that uses only goroutines and channels. Run with GOMAXPROCS=1:
//
//	GOMAXPROCS=1 go test -run - -bench . boucle.dev/go/boucle

func BenchmarkCrossing(b *testing.B) {
	for i := 0; i < b.N; i++ {
		emptyCall()
	}
}

// BenchmarkStep measures one step of a task (sleep(0)) while that many tasks are due at once.
func BenchmarkStep(b *testing.B) {
	for _, tasks := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("batch=", tasks), func(b *testing.B) {
			l := virtual(b)
			each := b.N/tasks + 1
			all := make([]Awaitable, tasks)
			for k := range all {
				all[k], _ = l.EnsureFuture(func(ctx *Ctx) (any, error) {
					for i := 0; i < each; i++ {
						Sleep(ctx, 0)
					}
					return nil, nil
				})
			}
			f, _ := Gather(l, FirstError, all...)
			b.ReportAllocs()
			b.ResetTimer()
			l.RunUntilComplete(f)
		})
	}
}

// BenchmarkPlainStep measures a goroutine that another one wakes, and that then wakes the other.
func BenchmarkPlainStep(b *testing.B) {
	for _, tasks := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("goroutines=", tasks), func(b *testing.B) {
			each := b.N/tasks + 1
			wakes := make([]chan struct{}, tasks)
			turn := make(chan struct{}, tasks)
			for k := range wakes {
				wakes[k] = make(chan struct{}, 1)
				go func(wake chan struct{}) {
					for range wake {
						turn <- struct{}{}
					}
				}(wakes[k])
			}
			b.ResetTimer()
			for i := 0; i < each; i++ {
				for _, wake := range wakes {
					wake <- struct{}{}
				}
				for range wakes {
					<-turn
				}
			}
			b.StopTimer()
			for _, wake := range wakes {
				close(wake)
			}
		})
	}
}

func BenchmarkSpawnAwait(b *testing.B) {
	for _, tasks := range []int{1, 256} {
		b.Run(fmt.Sprint("parents=", tasks), func(b *testing.B) {
			l := virtual(b)
			each := b.N/tasks + 1
			all := make([]Awaitable, tasks)
			for k := range all {
				all[k], _ = l.EnsureFuture(func(ctx *Ctx) (any, error) {
					for i := 0; i < each; i++ {
						child, _ := l.EnsureFuture(func(*Ctx) (any, error) { return 1, nil })
						if v, err := Await(ctx, child); v != 1 || err != nil {
							b.Error(v, err)
						}
					}
					return nil, nil
				})
			}
			f, _ := Gather(l, FirstError, all...)
			b.ReportAllocs()
			b.ResetTimer()
			l.RunUntilComplete(f)
		})
	}
}

func BenchmarkPlainSpawnAwait(b *testing.B) {
	for i := 0; i < b.N; i++ {
		c := make(chan int)
		go func() { c <- 1 }()
		<-c
	}
}

func BenchmarkAwaitDoneFuture(b *testing.B) {
	l := virtual(b)
	f, _ := l.CreateFuture()
	f.SetResult(1)
	b.ResetTimer()
	run(b, l, func(ctx *Ctx) (any, error) {
		for i := 0; i < b.N; i++ {
			Await(ctx, f)
		}
		return nil, nil
	})
}

func BenchmarkPost(b *testing.B) {
	l := virtual(b)
	left := b.N
	var again func()
	again = func() {
		if left--; left > 0 {
			l.Post(again)
		} else {
			l.Stop()
		}
	}
	l.Post(again)
	b.ResetTimer()
	l.RunForever()
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse + uint64(allocatedByC())
}

// BenchmarkSleepers measures the memory of each of 100,000 sleeping tasks.
func BenchmarkSleepers(b *testing.B) {
	const sleepers = 100_000
	for i := 0; i < b.N; i++ {
		before := memory()
		l := virtual(b)
		for k := 0; k < sleepers; k++ {
			l.EnsureFuture(func(ctx *Ctx) (any, error) { return nil, Sleep(ctx, time.Second) })
		}
		l.CallLater(time.Millisecond, func() {
			b.ReportMetric(float64(memory()-before)/sleepers, "bytes/task")
			l.Stop()
		})
		l.RunForever()
		l.CallLater(2*time.Second, l.Stop)
		l.RunForever()
		l.Close()
	}
}

// BenchmarkPlainSleepers measures the same for goroutines that wait for a timer.
func BenchmarkPlainSleepers(b *testing.B) {
	const sleepers = 100_000
	for i := 0; i < b.N; i++ {
		before := memory()
		stop, ended := make(chan struct{}), make(chan struct{}, sleepers)
		for k := 0; k < sleepers; k++ {
			go func() {
				select {
				case <-time.After(time.Hour):
				case <-stop:
				}
				ended <- struct{}{}
			}()
		}
		time.Sleep(10 * time.Millisecond)
		b.ReportMetric(float64(memory()-before)/sleepers, "bytes/task")
		close(stop)
		for k := 0; k < sleepers; k++ {
			<-ended
		}
	}
}
