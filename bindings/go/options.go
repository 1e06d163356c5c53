package boucle

import (
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

type options struct {
	virtual    bool
	debug      *bool
	poller     string
	batch      int
	spin       time.Duration
	timerSlack *time.Duration
	postLimit  int
}

// Option is an argument of NewLoop.
type Option func(*options)

// VirtualClock gives the loop a clock for tests: it stands still while anything is ready, and jumps to the next timer
// otherwise.
func VirtualClock() Option { return func(o *options) { o.virtual = true } }

// Debug sets the debug mode. The default is BOUCLE_DEBUG in the environment.
func Debug(on bool) Option { return func(o *options) { o.debug = &on } }

// Poller chooses the poller: "epoll" or "poll". The default is "", which stands for the better one. NewLoop fails for
// all other names.
func Poller(name string) Option { return func(o *options) { o.poller = name } }

var pollers = map[string]int32{
	"": raw.LOOP_POLLER_AUTO, "epoll": raw.LOOP_POLLER_EPOLL, "poll": raw.LOOP_POLLER_POLL,
}

// Batch sets how many events the loop takes from the library at once, at most. The default is 256.
func Batch(most int) Option { return func(o *options) { o.batch = most } }

// Spin sets how long a loop without work looks for new work before its thread sleeps in the kernel. Other goroutines
// then get answers sooner, but a processor is busy meanwhile. The default is 0. NewLoop fails if it is negative. See
// loop_options_set_spin.
func Spin(d time.Duration) Option { return func(o *options) { o.spin = d } }

// TimerSlack sets the shortest time for which the loop sleeps while many timers are due soon after each other. The
// default is a millisecond; with 0 all timers are exact. NewLoop fails if it is negative. See
// loop_options_set_timer_slack.
func TimerSlack(d time.Duration) Option { return func(o *options) { o.timerSlack = &d } }

// PostLimit sets how many bytes of callbacks from other goroutines may wait for the loop. The default is 0, which
// stands for 64 MiB. NewLoop fails if it is negative. See loop_options_set_post_limit.
func PostLimit(bytes int) Option { return func(o *options) { o.postLimit = bytes } }

// set copies the options to the library's loop_options_t.
func (o *options) set(p uintptr) error {
	if o.virtual {
		must(raw.Loop_options_set_clock(p, raw.LOOP_CLOCK_VIRTUAL))
	}
	if o.debug != nil {
		on := 0
		if *o.debug {
			on = 1
		}
		must(raw.Loop_options_set_debug(p, on))
	}
	poller, known := pollers[o.poller]
	if !known || o.postLimit < 0 {
		return errInvalid()
	}
	must(raw.Loop_options_set_poller(p, poller))
	if s := raw.Loop_options_set_spin(p, seconds(o.spin)); s != 0 {
		return statusError(s)
	}
	if o.timerSlack != nil {
		if s := raw.Loop_options_set_timer_slack(p, seconds(*o.timerSlack)); s != 0 {
			return statusError(s)
		}
	}
	if o.postLimit > 0 {
		must(raw.Loop_options_set_post_limit(p, uintptr(o.postLimit)))
	}
	return nil
}
