// What peers/common.h has for the competitors in C.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func arg(key string, fallback int) int {
	for _, a := range os.Args {
		if strings.HasPrefix(a, key+"=") {
			return have(strconv.Atoi(a[len(key)+1:]))
		}
	}
	return fallback
}

var seed uint64 = 88172645463325252

func rnd() uint32 {
	seed ^= seed << 13
	seed ^= seed >> 7
	seed ^= seed << 17
	return uint32(seed >> 32)
}

func sleepTime() time.Duration {
	return time.Duration(1000000+(uint64(rnd())*2000000)>>32) * time.Microsecond
}

func timeout(r uint32) time.Duration { return time.Duration(30000+(r&1023)) * time.Millisecond }

func statusKB(key string) int {
	status := have(os.Open("/proc/self/status"))
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), key) {
			return have(strconv.Atoi(strings.Fields(lines.Text())[1]))
		}
	}
	return 0
}

func report(t0 time.Time) {
	fmt.Printf("ns=%.3f\n", float64(time.Since(t0).Nanoseconds())/float64(n))
}

// onThread gives the goroutine a thread of its own, and with pin=1 that thread a CPU.
func onThread(cpu uint) {
	runtime.LockOSThread()
	if arg("pin", 0) == 0 {
		return
	}
	mask := uint64(1) << cpu
	syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, 8, uintptr(unsafe.Pointer(&mask)))
}
