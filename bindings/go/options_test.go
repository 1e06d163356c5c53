package boucle

import (
	"testing"
	"time"
)

func TestPostLimit_refuses_what_is_beyond(t *testing.T) {
	l, err := NewLoop(PostLimit(10000), TimerSlack(0))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	posts, called := 0, 0
	for ; err == nil && posts < 10000; posts++ {
		err = l.CallSoonThreadsafe(func() { called++ })
	}
	if err == nil {
		t.Fatal("ten thousand callbacks fit into ten thousand bytes")
	}
	l.CallLater(time.Millisecond, l.Stop)
	if err := l.RunForever(); err != nil || called != posts-1 {
		t.Fatal(err, called, posts)
	}
	if err := l.CallSoonThreadsafe(func() {}); err != nil {
		t.Fatal("still refused after the loop has run: ", err)
	}
}

func TestNewLoop_refuses_negative_options(t *testing.T) {
	for _, option := range []Option{PostLimit(-1), TimerSlack(-1), Spin(-1)} {
		if _, err := NewLoop(option); err == nil {
			t.Error("accepted a negative option")
		}
	}
}
