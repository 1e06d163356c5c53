package boucle

import (
	"net/netip"
	"syscall"

	"boucle.dev/go/boucle/internal/raw"
)

// LookupFlags are flags of GetAddrInfo.
type LookupFlags int

// The flags of getaddrinfo(3).
const (
	Passive        LookupFlags = 0x1   // without a host: all addresses of this host, to listen at
	CanonicalName  LookupFlags = 0x2   // the first result has the canonical name of the host
	NumericHost    LookupFlags = 0x4   // the host is an address in digits
	V4Mapped       LookupFlags = 0x8   // IPv4 addresses as IPv6 addresses, if the host has none of IPv6
	AllMapped      LookupFlags = 0x10  // with V4Mapped: these too
	Configured     LookupFlags = 0x20  // only families of which this host has an address
	NumericService LookupFlags = 0x400 // the service is a number
)

// LookupHints say which addresses GetAddrInfo is to find. The zero value means all of them.
type LookupHints struct {
	Family int // syscall.AF_INET, syscall.AF_INET6
	Type   int // syscall.SOCK_STREAM, syscall.SOCK_DGRAM
	Flags  LookupFlags
}

// AddrInfo is an address of a host, with what socket(2) takes.
type AddrInfo struct {
	Family, Type, Protocol int
	CanonicalName          string
	Addr                   netip.AddrPort
}

// UnixAddr is the address of a Unix socket: a path, or an abstract name, which begins with a zero byte.
type UnixAddr struct{ Path string }

// String returns "unix:/run/x", "unix:@abstract".
func (u UnixAddr) String() string {
	if u.Path != "" && u.Path[0] == 0 {
		return "unix:@" + u.Path[1:]
	}
	return "unix:" + u.Path
}

// GetAddrInfo looks up the addresses of a host and a service, as the system does, and suspends the task until the answer is
// there. They come in the order in which they should be tried. An empty host is this host; the service is a name or a
// port, and may be empty. The error of a look-up that fails is a *GaiError. If the task is cancelled, it waits no longer.
func GetAddrInfo(ctx *Ctx, host, service string, hints LookupHints) ([]AddrInfo, error) {
	found, err := As[[]any](ctx.awaitFuture(func(l *Loop, p *uintptr) int {
		return raw.Loop_getaddrinfo(l.ptr, host, service, hints.Family, hints.Type, int(hints.Flags), p)
	}))
	if err != nil {
		return nil, err
	}
	infos := make([]AddrInfo, len(found))
	for i, item := range found {
		infos[i] = addrInfo(item.([]any))
	}
	return infos, nil
}

func addrInfo(item []any) AddrInfo {
	addr, _ := item[4].(netip.AddrPort)
	return AddrInfo{Family: item[0].(int), Type: item[1].(int), Protocol: item[2].(int), CanonicalName: item[3].(string), Addr: addr}
}

// NameFlags are flags of GetNameInfo.
type NameFlags int

// The flags of getnameinfo(3).
const (
	NumericHostName    NameFlags = 1  // the host in digits
	NumericServiceName NameFlags = 2  // the port in digits
	NoDomain           NameFlags = 4  // no domain, of hosts of the own one
	NameRequired       NameFlags = 8  // it is an error if the host has no name
	Datagram           NameFlags = 16 // the service is one of UDP
)

// GetNameInfo looks up the names of an address, and suspends the task until the answer is there. A host without a name is
// given in digits.
func GetNameInfo(ctx *Ctx, addr netip.AddrPort, flags NameFlags) (host, service string, err error) {
	if err := ctx.checkRunning(); err != nil {
		return "", "", err
	}
	var address uintptr
	if s := raw.Address_new(addr.Addr().String(), int(addr.Port()), &address); s != 0 {
		return "", "", statusError(s)
	}
	defer raw.Value_unref(address)
	names, err := As[[]any](ctx.awaitFuture(func(l *Loop, p *uintptr) int {
		return raw.Loop_getnameinfo(l.ptr, address, int(flags), p)
	}))
	if err != nil {
		return "", "", err
	}
	return names[0].(string), names[1].(string), nil
}

// awaitFuture awaits the future that start makes.
func (c *Ctx) awaitFuture(start func(*Loop, *uintptr) int) (any, error) {
	if err := c.checkRunning(); err != nil {
		return nil, err
	}
	l := c.task.loop
	l.flush()
	var p uintptr
	if s := start(l, &p); s != 0 {
		return nil, statusError(s)
	}
	f := l.adopt(p)
	defer f.release()
	return f.await(c)
}

// GaiError says why a name or an address could not be looked up. It is what errors.As finds in the error of GetAddrInfo and
// GetNameInfo, and in a "gaierror" of another language.
type GaiError struct {
	Code    int    // that of getaddrinfo(3): -2 is EAI_NONAME
	Message string // the system's, followed by what was looked up
}

const (
	eaiNoName = -2
	eaiAgain  = -3
	eaiNoData = -5
)

// Error returns the message.
func (e *GaiError) Error() string { return e.Message }

// NotFound reports whether there is no such host, or it has no such address: net.DNSError.IsNotFound.
func (e *GaiError) NotFound() bool { return e.Code == eaiNoName || e.Code == eaiNoData }

// Temporary reports whether a later look-up may succeed.
func (e *GaiError) Temporary() bool { return e.Code == eaiAgain }

// gaiError returns the look-up error that the exception stands for; nil if it stands for another one.
func (e *Error) gaiError() *GaiError {
	if e.status != int(raw.LOOP_EGAI) {
		return nil
	}
	var code int64
	if value := raw.Exception_value(e.exception); value != 0 {
		raw.Value_get_int(value, &code)
	}
	return &GaiError{Code: int(code), Message: e.message}
}

// newAddress returns a new value; 0 if the address cannot be that of a socket.
func newAddress(addr netip.AddrPort) (p uintptr) {
	if !addr.IsValid() || raw.Address_new(addr.Addr().String(), int(addr.Port()), &p) != 0 {
		return 0
	}
	return p
}

func newUnixAddress(u UnixAddr) (p uintptr) {
	if raw.Address_new_unix(u.Path, uintptr(len(u.Path)), &p) != 0 {
		return 0
	}
	return p
}

// readAddress returns the netip.AddrPort or the UnixAddr of an address, which is lent.
func readAddress(value uintptr) any {
	var host, size uintptr
	var port int32
	raw.Address_get_host(value, &host, &size)
	raw.Address_get_port(value, &port)
	text := textAt(host, size)
	addr, err := netip.ParseAddr(text)
	var family int32
	if raw.Address_get_family(value, &family); family == syscall.AF_UNIX || err != nil {
		return UnixAddr{text}
	}
	return netip.AddrPortFrom(addr, uint16(port))
}
