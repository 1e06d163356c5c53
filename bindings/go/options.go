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

// Option is what NewLoop takes.
type Option func(*options)

// VirtualClock makes time stand still while anything is ready, and jump to the next timer otherwise: for tests.
func VirtualClock() Option { return func(o *options) { o.virtual = true } }

// Debug switches the debug mode on or off; the default is BOUCLE_DEBUG in the environment.
func Debug(on bool) Option { return func(o *options) { o.debug = &on } }

// Poller chooses "epoll" or "poll"; the default, "", is the better one. NewLoop fails for all other names.
func Poller(name string) Option { return func(o *options) { o.poller = name } }

var pollers = map[string]int32{
	"": raw.LOOP_POLLER_AUTO, "epoll": raw.LOOP_POLLER_EPOLL, "poll": raw.LOOP_POLLER_POLL,
}

// Batch is how many steps cross the border at once, at most; the default is 256.
func Batch(most int) Option { return func(o *options) { o.batch = most } }

// Spin is how long a loop without work looks for some before its thread sleeps, which makes answers to other goroutines
// quicker, for a processor that is busy meanwhile; the default is 0. NewLoop fails if it is negative. See
// loop_options_set_spin.
func Spin(d time.Duration) Option { return func(o *options) { o.spin = d } }

// TimerSlack is how long a sleep lasts at least where timers come in crowds; the default is a millisecond, and 0 makes all
// timers exact. NewLoop fails if it is negative. See loop_options_set_timer_slack.
func TimerSlack(d time.Duration) Option { return func(o *options) { o.timerSlack = &d } }

// PostLimit is how many bytes of callbacks that other goroutines posted may wait for the loop; the default, 0, is 64 MiB.
// NewLoop fails if it is negative. See loop_options_set_post_limit.
func PostLimit(bytes int) Option { return func(o *options) { o.postLimit = bytes } }
