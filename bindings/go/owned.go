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
	ptr   uintptr // 0: it was given back
	unref func(uintptr)
	bin   *bin
}

// own takes the reference over.
func (l *Loop) own(ptr uintptr, unref func(uintptr)) *owned {
	o := &owned{ptr, unref, l.bin}
	if ptr != 0 {
		runtime.SetFinalizer(o, func(o *owned) { o.bin.put(release{unref: o.unref, ptr: o.ptr}) })
	}
	return o
}

// drop gives the reference back at once. A second call does nothing.
func (o *owned) drop(l *Loop) {
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

// bin is where finalizers, which run on a goroutine of the collector's, put what is to be given back: the loop does that,
// on the goroutine that uses it. Everything that is the loop's refers to its bin. So the bin's own finalizer runs when
// nobody can use the loop or its objects any more, and gives back what is left, the loop included.
type bin struct {
	loop, host uintptr
	filled     int32 // atomic: there is garbage
	mu         sync.Mutex
	garbage    []release
}

// release is a reference to give back, or, if unref is nil, a task of the host's to forget.
type release struct {
	unref  func(uintptr)
	ptr    uintptr
	id     int64
	serial uint64
}

func (b *bin) put(r release) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.garbage = append(b.garbage, r)
	atomic.StoreInt32(&b.filled, 1)
}

func (b *bin) empty() []release {
	if atomic.LoadInt32(&b.filled) == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	garbage := b.garbage
	b.garbage = nil
	atomic.StoreInt32(&b.filled, 0)
	return garbage
}

// collect gives back what finalizers found.
func (l *Loop) collect() {
	for _, r := range l.bin.empty() {
		if r.unref != nil {
			r.unref(r.ptr)
		} else {
			l.forgetSerial(r.id, r.serial)
		}
	}
}

// abandoned is the bin's finalizer. As in asyncio, tasks that only the loop holds go with it. The exception handler may be
// gone already: what it would have been told is printed.
func (b *bin) abandoned() {
	for _, r := range b.empty() {
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
	for _, v := range foreignReap() {
		if r, ok := v.(Releaser); ok {
			go r.Released()
		}
	}
}
