package boucle_test

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"boucle.dev/go/boucle"
)

func runNames(t *testing.T, fn func(ctx *boucle.Ctx) error) {
	t.Helper()
	_, err := boucle.Run(context.Background(), func(ctx *boucle.Ctx) (any, error) { return nil, fn(ctx) }, boucle.VirtualClock())
	if err != nil {
		t.Fatal(err)
	}
}

func TestGetAddrInfo_of_digits_is_answered_at_once(t *testing.T) {
	runNames(t, func(ctx *boucle.Ctx) error {
		turned := false
		ctx.Loop().CallSoon(func() { turned = true })
		found, err := boucle.GetAddrInfo(ctx, "::1", "443", boucle.LookupHints{Type: syscall.SOCK_STREAM})
		if err != nil {
			return err
		}
		want := boucle.AddrInfo{Family: syscall.AF_INET6, Type: syscall.SOCK_STREAM, Protocol: syscall.IPPROTO_TCP, Addr: netip.MustParseAddrPort("[::1]:443")}
		if len(found) != 1 || found[0] != want || turned {
			t.Errorf("%v, turned %v", found, turned)
		}
		return nil
	})
}

func TestGetAddrInfo_without_a_host_is_this_host(t *testing.T) {
	runNames(t, func(ctx *boucle.Ctx) error {
		for flags, want := range map[boucle.LookupFlags]string{0: "127.0.0.1:80", boucle.Passive: "0.0.0.0:80"} {
			found, err := boucle.GetAddrInfo(ctx, "", "80", boucle.LookupHints{Family: syscall.AF_INET, Flags: flags})
			if err != nil {
				return err
			}
			if found[0].Addr.String() != want {
				t.Errorf("flags %d: %v", flags, found[0])
			}
		}
		return nil
	})
}

func TestGetAddrInfo_that_fails_is_a_GaiError(t *testing.T) {
	runNames(t, func(ctx *boucle.Ctx) error {
		_, err := boucle.GetAddrInfo(ctx, "localhost", "80", boucle.LookupHints{Flags: boucle.NumericHost})
		var gai *boucle.GaiError
		if !errors.As(err, &gai) || !gai.NotFound() || gai.Temporary() || gai.Code != -2 {
			t.Fatalf("%v", err)
		}
		if gai.Error() != "Name or service not known: 'localhost:80'" {
			t.Errorf("%q", gai.Error())
		}
		if !errors.Is(err, boucle.ErrNameNotResolved) || errors.Is(err, boucle.ErrTimeout) {
			t.Errorf("%v is not what it is", err)
		}
		var other *boucle.GaiError
		if errors.As(boucle.NewError("ValueError", "no"), &other) {
			t.Error("a ValueError is no GaiError")
		}
		return nil
	})
}

func TestGetAddrInfo_ends_with_its_task(t *testing.T) {
	runNames(t, func(ctx *boucle.Ctx) error {
		task, err := boucle.Go(ctx.Loop(), func(ctx *boucle.Ctx) ([]boucle.AddrInfo, error) {
			return boucle.GetAddrInfo(ctx, "localhost", "80", boucle.LookupHints{})
		})
		if err != nil {
			return err
		}
		if err := boucle.Sleep(ctx, 0); err != nil {
			return err
		}
		task.Cancel()
		if _, err := task.Await(ctx); !errors.Is(err, boucle.ErrCancelled) {
			t.Errorf("%v", err)
		}
		return nil
	})
}

func TestGetAddrInfo_ends_with_its_parent_context(t *testing.T) {
	parent, cancel := context.WithCancel(context.Background())
	_, err := boucle.Run(parent, func(ctx *boucle.Ctx) (any, error) {
		cancel()
		for {
			if _, err := boucle.GetAddrInfo(ctx, "localhost", "http", boucle.LookupHints{}); err != nil {
				return nil, err
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestGetNameInfo_gives_the_host_and_the_service(t *testing.T) {
	runNames(t, func(ctx *boucle.Ctx) error {
		addr := netip.MustParseAddrPort("127.0.0.1:80")
		for flags, want := range map[boucle.NameFlags]string{0: "localhost http", boucle.NumericHostName | boucle.NumericServiceName: "127.0.0.1 80"} {
			host, service, err := boucle.GetNameInfo(ctx, addr, flags)
			if err != nil {
				return err
			}
			if host+" "+service != want {
				t.Errorf("flags %d: %s %s", flags, host, service)
			}
		}
		_, _, err := boucle.GetNameInfo(ctx, netip.AddrPort{}, 0)
		if err == nil {
			t.Error("there is no such address")
		}
		return nil
	})
}

func TestAddresses_are_values_for_every_language(t *testing.T) {
	loop, err := boucle.NewLoop(boucle.VirtualClock())
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	values := []any{netip.MustParseAddrPort("127.0.0.1:80"), netip.MustParseAddrPort("[::1]:80"), netip.MustParseAddrPort("[fe80::1%lo]:80"),
		netip.MustParseAddrPort("[::ffff:1.2.3.4]:80"), boucle.UnixAddr{Path: "/run/x"}, boucle.UnixAddr{Path: "\x00name"},
		netip.AddrPort{}, boucle.UnixAddr{}, netip.MustParseAddrPort("[fe80::1%nowhere]:80")}
	for _, v := range values {
		future, _ := loop.CreateFuture()
		if err := future.SetResult(v); err != nil {
			t.Fatal(err)
		}
		if got, err := future.Result(); err != nil || got != v {
			t.Errorf("%v came back as %v, %v", v, got, err)
		}
	}
	if text := (boucle.UnixAddr{Path: "\x00name"}).String(); text != "unix:@name" {
		t.Error(text)
	}
}

func TestGetAddrInfo_outside_of_a_task_is_refused(t *testing.T) {
	_, err := boucle.GetAddrInfo(nil, "::1", "80", boucle.LookupHints{})
	if !errors.Is(err, boucle.ErrNoTask) {
		t.Errorf("%v", err)
	}
	_, _, err = boucle.GetNameInfo(nil, netip.MustParseAddrPort("[::1]:80"), 0)
	if !errors.Is(err, boucle.ErrNoTask) {
		t.Errorf("%v", err)
	}
}

func TestGetAddrInfo_many_equal_ones_are_all_answered(t *testing.T) {
	runNames(t, func(ctx *boucle.Ctx) error {
		tasks := make([]*boucle.Task[[]boucle.AddrInfo], 200)
		for i := range tasks {
			tasks[i], _ = boucle.Go(ctx.Loop(), func(ctx *boucle.Ctx) ([]boucle.AddrInfo, error) {
				return boucle.GetAddrInfo(ctx, "localhost", "80", boucle.LookupHints{})
			})
		}
		for _, task := range tasks {
			if found, err := task.Await(ctx); err != nil || len(found) == 0 {
				t.Errorf("%v, %v", found, err)
			}
		}
		return nil
	})
}

func TestGetAddrInfo_takes_no_longer_than_its_timeout(t *testing.T) {
	runNames(t, func(ctx *boucle.Ctx) error {
		err := boucle.Timeout(ctx, 0, func(*boucle.Scope) error {
			_, err := boucle.GetAddrInfo(ctx, "localhost", "81", boucle.LookupHints{})
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		return nil
	})
}
