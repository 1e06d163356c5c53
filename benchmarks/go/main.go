// Boucle's competitor in Go: goroutines as tasks of a loop, through the binding's public API. Variant by key=1: fresh
// (churn: each time a new timer).
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"boucle.dev/go/boucle"
)

var (
	loop *boucle.Loop
	n, k = arg("n", 1000000), arg("k", 1000)
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func have[T any](v T, err error) T {
	must(err)
	return v
}

// turn runs the loop once, without waiting: what a Stop before the run makes of it.
func turn() {
	loop.Stop()
	must(loop.RunForever())
}

func post() {
	left, live := n-k, k
	var repost func()
	repost = func() {
		if left > 0 {
			left--
			must(loop.Post(repost))
		} else if live--; live == 0 {
			loop.Stop()
		}
	}
	t0 := time.Now()
	for i := 0; i < k; i++ {
		must(loop.Post(repost))
	}
	must(loop.RunForever())
	report(t0)
}

// runTask measures a task from the start of its loop to its end.
func runTask(fn func(*boucle.Ctx) (int, error)) {
	task := have(boucle.Go(loop, fn))
	t0 := time.Now()
	have(loop.RunUntilComplete(task))
	report(t0)
}

func trivial(i int) *boucle.Task[int] {
	return have(boucle.Go(loop, func(*boucle.Ctx) (int, error) { return i, nil }))
}

func spawn() {
	runTask(func(ctx *boucle.Ctx) (sum int, err error) {
		for i := 0; i < n; i++ {
			sum += have(trivial(i).Await(ctx))
		}
		return sum, nil
	})
}

func gather() {
	runTask(func(ctx *boucle.Ctx) (sum int, err error) {
		tasks := make([]*boucle.Task[int], k)
		for round := 0; round < n/k; round++ {
			for i := range tasks {
				tasks[i] = trivial(i)
			}
			for _, task := range tasks {
				sum += have(task.Await(ctx))
			}
		}
		return sum, nil
	})
}

func sleepers() {
	base, live := statusKB("VmRSS"), n
	for i := 0; i < n; i++ {
		d := sleepTime()
		must(loop.Spawn(func(ctx *boucle.Ctx) (any, error) {
			err := boucle.Sleep(ctx, d)
			if live--; live == 0 {
				loop.Stop()
			}
			return nil, err
		}))
		if i%1000 == 999 {
			turn()
		}
	}
	must(loop.RunForever())
	fmt.Printf("base_kb=%d hwm_kb=%d\n", base, statusKB("VmHWM"))
}

// churn arms a timer again; with fresh, it cancels it and arms another.
func churn() {
	fresh := arg("fresh", 0) != 0
	timers := make([]*boucle.Callback, k)
	arm := func(r uint32) *boucle.Callback {
		return have(loop.CallLater(timeout(r), func() { panic("fired") }))
	}
	for i := range timers {
		timers[i] = arm(rnd())
	}
	t0 := time.Now()
	for i := 0; i < n; i++ {
		if i%1000 == 0 {
			turn()
		}
		r := rnd()
		timer := &timers[int(r)%k]
		if !fresh {
			must((*timer).Again(timeout(r >> 16)))
			continue
		}
		(*timer).Cancel()
		(*timer).Release()
		*timer = arm(r >> 16)
	}
	report(t0)
}

// doSwitch: each wakes the other, by a future, and waits to be woken.
func doSwitch() {
	var turnOf [2]*boucle.Future[any]
	left := n
	handOver := func(me int) func(*boucle.Ctx) (int, error) {
		return func(ctx *boucle.Ctx) (int, error) {
			for left > 0 {
				left--
				mine, theirs := have(loop.CreateFuture()), turnOf[1-me]
				turnOf[me], turnOf[1-me] = mine, nil
				if theirs != nil {
					must(theirs.SetResult(nil))
				}
				if left > 0 {
					have(mine.Await(ctx))
				}
			}
			return 0, nil
		}
	}
	runTask(func(ctx *boucle.Ctx) (int, error) {
		other := have(boucle.Go(loop, handOver(1)))
		have(handOver(0)(ctx))
		return other.Await(ctx)
	})
}

// besides runs the loop, on a thread of its own, with goroutines on threads of theirs; all of them start together.
func besides(threads int, work func(), start func()) {
	runtime.GOMAXPROCS(2)
	var ready sync.WaitGroup
	ready.Add(threads)
	begin := make(chan struct{})
	for i := 0; i < threads; i++ {
		go func() {
			onThread(1)
			ready.Done()
			<-begin
			work()
		}()
	}
	var t0 time.Time
	must(loop.Post(func() { // on the goroutine that runs the callbacks, and waits for them
		onThread(0)
		ready.Wait()
		t0 = time.Now()
		close(begin)
		start()
	}))
	must(loop.RunForever())
	report(t0)
}

// cross has a goroutine post to the loop; with ping, it waits each time for an answer.
func cross(ping bool) {
	executed, answer := 0, make(chan struct{}, 1)
	posted := func() {
		if executed++; executed == n {
			loop.Stop()
		}
		if ping {
			answer <- struct{}{}
		}
	}
	besides(1, func() {
		for i := 0; i < n; i++ {
			must(loop.CallSoonThreadsafe(posted))
			if ping {
				<-answer
			}
		}
	}, func() {})
}

// offload: the binding has no executor, goroutines are; a channel leads to them, a threadsafe call back.
func offload(window int) {
	jobs, handedOver, executed := make(chan int, window), 0, 0
	handOver := func(v int) {
		handedOver++
		jobs <- v
	}
	result := func(v int) {
		if executed++; executed == n {
			loop.Stop()
		} else if handedOver < n {
			handOver(v)
		}
	}
	besides(4, func() {
		for v := range jobs {
			v := v + 1
			must(loop.CallSoonThreadsafe(func() { result(v) }))
		}
	}, func() {
		for i := 0; i < window; i++ {
			handOver(i)
		}
	})
}

func main() {
	runtime.GOMAXPROCS(arg("procs", 1))
	loop = have(boucle.NewLoop())
	workloads := map[string]func(){
		"post": post, "spawn": spawn, "gather": gather, "sleepers": sleepers, "churn": churn, "switch": doSwitch,
		"xpost": func() { cross(false) }, "xping": func() { cross(true) },
		"offseq": func() { offload(1) }, "off256": func() { offload(256) },
	}
	workload := workloads[os.Args[1]]
	if workload == nil {
		os.Exit(2)
	}
	workload()
}
