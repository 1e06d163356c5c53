package boucle

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// slowStep is how long the code of a task or a callback may run before debug mode says so: asyncio's
// slow_callback_duration.
const slowStep = 100 * time.Millisecond

// watchdog tells in debug mode of code that keeps the loop from going on, while it does: it may never return.
type watchdog struct {
	mu       sync.Mutex
	timer    *time.Timer
	step     int    // which step runs; 0: none
	lastStep int    // how many there were
	header   []byte // that runs it
}

func newWatchdog() *watchdog { return &watchdog{} }

// start says that the goroutine begins to run the program's code.
func (d *watchdog) start(w *goroutine) {
	if d == nil {
		return
	}
	if w.header == nil {
		w.header = goroutineHeader()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastStep++
	step := d.lastStep
	d.step, d.header = step, w.header
	d.stopTimer()
	d.timer = time.AfterFunc(slowStep, func() { d.warn(step) })
}

// stop says that it does not any more.
func (d *watchdog) stop() {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.step = 0
	d.stopTimer()
}

func (d *watchdog) end() { d.stop() }

func (d *watchdog) stopTimer() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

func (d *watchdog) warn(step int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.step != step {
		return
	}
	printText(fmt.Sprintf("boucle: a task or callback has the loop for more than %v, and nothing else can "+
		"run: what blocks belongs into boucle.Block\n%s\n", slowStep, stackOf(d.header)))
}

// goroutineHeader is what the stack of this goroutine begins with: "goroutine 7 ".
func goroutineHeader() []byte {
	var text [64]byte
	n := runtime.Stack(text[:], false)
	return append([]byte(nil), text[:bytes.IndexByte(text[:n], '[')]...)
}

// stackOf is the stack of a goroutine, or nothing where there are too many to find it.
func stackOf(goroutine []byte) []byte {
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	for _, stack := range bytes.Split(text, []byte("\n\n")) {
		if bytes.HasPrefix(stack, goroutine) {
			return stack
		}
	}
	return nil
}
