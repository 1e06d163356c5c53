package boucle

import (
	"runtime"
	"sync"
	"sync/atomic"

	"boucle.dev/go/boucle/internal/raw"
)

// owned is a reference to an object of the library, with the finalizer that gives it up. It refers to nothing of the
// program: Go's collector finalizes nothing that is part of a cycle, and programs make cycles easily (an exception
// handler that uses its loop, a callback that uses its own handle).
type owned struct {
	ptr      uintptr // 0: it was given up
	unref    func(uintptr)
	releases *deferredReleases
}

// own takes the reference over.
func (l *Loop) own(ptr uintptr, unref func(uintptr)) *owned {
	o := &owned{ptr, unref, l.releases}
	if ptr != 0 {
		runtime.SetFinalizer(o, func(o *owned) { o.releases.add(deferredRelease{unref: o.unref, ptr: o.ptr}) })
	}
	return o
}

// release gives up the reference now. A second call does nothing.
func (o *owned) release(l *Loop) {
	p := o.ptr
	if p == 0 {
		return
	}
	o.ptr = 0
	runtime.SetFinalizer(o, nil)
	l.flush()
	o.unref(p)
	l.afterCall()
}

// deferredReleases is a queue of references to give up. Finalizers, which run on a goroutine of the collector, append
// to it; the goroutine that uses the loop empties it. Everything that belongs to the loop refers to it. So its own
// finalizer runs when nothing can use the loop or its objects any more, and gives up what is left, the loop included.
type deferredReleases struct {
	loop, host uintptr
	nonEmpty   int32 // atomic; 1 if there are items
	mu         sync.Mutex
	items      []deferredRelease
}

// deferredRelease is a reference to give up, or, if unref is nil, a task that the host is to forget.
type deferredRelease struct {
	unref  func(uintptr)
	ptr    uintptr
	id     int64
	serial uint64
}

func (b *deferredReleases) add(r deferredRelease) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items = append(b.items, r)
	atomic.StoreInt32(&b.nonEmpty, 1)
}

func (b *deferredReleases) takeAll() []deferredRelease {
	if atomic.LoadInt32(&b.nonEmpty) == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	garbage := b.items
	b.items = nil
	atomic.StoreInt32(&b.nonEmpty, 0)
	return garbage
}

// releaseDeferred gives up the references that finalizers have queued.
func (l *Loop) releaseDeferred() {
	for _, r := range l.releases.takeAll() {
		if r.unref != nil {
			r.unref(r.ptr)
		} else {
			l.forgetBySerial(r.id, r.serial)
		}
	}
}

// finalize is the finalizer of the queue. It destroys the tasks that only the loop refers to, as asyncio does. The
// exception handler may be gone already, so reports are printed.
func (b *deferredReleases) finalize() {
	for _, r := range b.takeAll() {
		if r.unref != nil {
			r.unref(r.ptr)
		}
	}
	raw.Loop_close(b.loop) // the program may not have done it
	raw.Loop_unref(b.loop)
	for {
		r, future, _ := takeReport(b.host)
		if r == nil {
			break
		}
		printReport(r)
		raw.Future_unref(future)
	}
	raw.Host_unref(b.host)
	for _, v := range takeDestroyed() {
		if r, ok := v.(Releaser); ok {
			go r.Released()
		}
	}
}
