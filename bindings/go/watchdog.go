package boucle

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// slowStep is how long a task or a callback may run before debug mode prints a warning: asyncio's
// slow_callback_duration.
const slowStep = 100 * time.Millisecond

// watchdog prints a warning in debug mode while a task or callback keeps the loop from running anything else. It does
// not wait for its end, which may never come.
type watchdog struct {
	mu       sync.Mutex
	timer    *time.Timer
	step     int    // number of the running step; 0: none
	lastStep int    // number of the newest step
	header   []byte // of the goroutine that runs it
}

func newWatchdog() *watchdog { return &watchdog{} }

// start is called when the goroutine begins to run code of the program.
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

// stop is called when the code has returned or suspends its task.
func (d *watchdog) stop() {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.step = 0
	d.stopTimer()
}

func (d *watchdog) stopTimer() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// warn prints the warning, if that step is still running.
func (d *watchdog) warn(step int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.step != step {
		return
	}
	printText(fmt.Sprintf("boucle: a task or callback has been running for more than %v, and meanwhile "+
		"nothing else can run on its loop: call code that blocks through boucle.Block\n%s\n", slowStep, stackOf(d.header)))
}

// goroutineHeader returns the first words of this goroutine's stack trace, such as "goroutine 7 ".
func goroutineHeader() []byte {
	var text [64]byte
	n := runtime.Stack(text[:], false)
	return append([]byte(nil), text[:bytes.IndexByte(text[:n], '[')]...)
}

// isThis reports whether the caller runs on the goroutine. In debug mode only.
func (g *goroutine) isThis() bool { return bytes.Equal(g.header, goroutineHeader()) }

// stackOf returns the stack trace of a goroutine, or nil if there are too many goroutines to find it.
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
