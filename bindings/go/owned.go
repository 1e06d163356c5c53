package boucle

import (
	"runtime"
	"sync"
	"sync/atomic"

	"boucle.dev/go/boucle/internal/raw"
)

// owned is a reference to an object of the library. It has the finalizer, and refers to nothing of the program's: Go's
// collector finalizes nothing that lies on a circle, and a program closes circles easily (an exception handler that uses
// its loop, a callback that uses its own handle).
type owned struct {
	ptr      uintptr // 0: it was given back
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

// release gives the reference back at once. A second call does nothing.
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

// deferredReleases is where finalizers, which run on a goroutine of the collector's, put what is to be given back: the loop does that,
// on the goroutine that uses it. Everything that is the loop's refers to its bin. So the bin's own finalizer runs when
// nobody can use the loop or its objects any more, and gives back what is left, the loop included.
type deferredReleases struct {
	loop, host uintptr
	nonEmpty   int32 // atomic: there is garbage
	mu         sync.Mutex
	items      []deferredRelease
}

// deferredRelease is a reference to give back, or, if unref is nil, a task of the host's to forget.
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

// releaseDeferred gives back what finalizers found.
func (l *Loop) releaseDeferred() {
	for _, r := range l.releases.takeAll() {
		if r.unref != nil {
			r.unref(r.ptr)
		} else {
			l.forgetBySerial(r.id, r.serial)
		}
	}
}

// finalize is the bin's finalizer. As in asyncio, tasks that only the loop holds go with it. The exception handler may be
// gone already: what it would have been told is printed.
func (b *deferredReleases) finalize() {
	for _, r := range b.takeAll() {
		if r.unref != nil {
			r.unref(r.ptr)
		}
	}
	raw.Loop_close(b.loop) // if nobody did
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
