package boucle

import (
	"fmt"
	"math"
	"net/netip"

	"boucle.dev/go/boucle/internal/raw"
)

// Values that other languages have too are converted: nil, bool, int, float64, string, []byte (copied), and []any item by
// item. An error becomes an exception, a netip.AddrPort or UnixAddr an address. A value of any other type is opaque to other languages, and comes back unchanged.
// The same holds for values of other languages that Go cannot read (*Opaque).

// The constants of value_kind_t in boucle/value.h; a test compares them.
const (
	kindNil = int64(iota)
	kindBool
	kindInt
	kindDouble
	kindText
	kindBytes
	kindList
	kindForeign
	kindException
	kindAddress
)

// encodeValue returns the two words of an answer that stand for the value: see boucle/host.h.
func encodeValue(v any) (kind, payload int64) {
	switch x := v.(type) {
	case nil:
		return kindNil, 0
	case bool:
		if x {
			return kindBool, 1
		}
		return kindBool, 0
	case int:
		return kindInt, int64(x)
	case float64:
		return kindDouble, int64(math.Float64bits(x))
	}
	return kindForeign, int64(newValue(v))
}

// decodeValue returns the value for which two words of an event stand. They are lent.
func decodeValue(kind, payload int64) any {
	switch kind {
	case kindNil:
		return nil
	case kindBool:
		return payload != 0
	case kindInt:
		return int(payload)
	case kindDouble:
		return math.Float64frombits(uint64(payload))
	}
	return readValue(uintptr(payload))
}

// newValue returns a new reference.
func newValue(v any) (p uintptr) {
	switch x := v.(type) {
	case nil:
	case bool:
		i := 0
		if x {
			i = 1
		}
		must(raw.Value_new_bool(i, &p))
	case int:
		must(raw.Value_new_int(int64(x), &p))
	case float64:
		must(raw.Value_new_double(x, &p))
	case string:
		p = newTextValue(x)
	case []byte:
		p = newBytesValue(x)
	case []any:
		p = newList(x, maxListDepth)
	case *Opaque:
		p = x.newRef()
	case netip.AddrPort:
		p = newAddress(x)
		if p == 0 {
			p = newForeignValue(v)
		}
	case UnixAddr:
		p = newUnixAddress(x)
		if p == 0 {
			p = newForeignValue(v)
		}
	case error:
		e := newException(x)
		must(raw.Value_new_exception(e, &p))
		raw.Exception_unref(e)
	default:
		p = newForeignValue(v)
	}
	return p
}

// maxListDepth is how deep lists in lists are converted. Lists at a deeper level are opaque: so a list that contains
// itself can be converted.
const maxListDepth = 1000

func newList(items []any, depth int) (p uintptr) {
	values := make([]uintptr, len(items)+1)
	for i, item := range items {
		list, isList := item.([]any)
		switch {
		case !isList:
			values[i] = newValue(item)
		case depth > 1:
			values[i] = newList(list, depth-1)
		default:
			values[i] = newForeignValue(list)
		}
	}
	must(raw.Value_new_list(&values[0], uintptr(len(items)), &p))
	for _, value := range values {
		raw.Value_unref(value)
	}
	return p
}

// readValue returns the Go value of a value of the library, which is lent.
func readValue(value uintptr) any {
	var a, n uintptr
	switch int64(raw.Value_kind(value)) {
	case kindNil:
		return nil
	case kindBool:
		var b int32
		raw.Value_get_bool(value, &b)
		return b != 0
	case kindInt:
		var i int64
		raw.Value_get_int(value, &i)
		return int(i)
	case kindDouble:
		var d float64
		raw.Value_get_double(value, &d)
		return d
	case kindText:
		raw.Value_get_text(value, &a, &n)
		return textAt(a, n)
	case kindBytes:
		raw.Value_get_bytes(value, &a, &n)
		return bytesAt(a, n)
	case kindList:
		return readList(value)
	case kindException:
		raw.Value_get_exception(value, &a)
		return takeError(raw.Exception_ref(a))
	case kindAddress:
		return readAddress(value)
	}
	if v, ok := foreignValue(value); ok {
		return v
	}
	return adoptValue(raw.Value_ref(value))
}

func readList(value uintptr) any {
	var n uintptr
	raw.Value_get_size(value, &n)
	items := make([]any, n)
	for i := range items {
		var item uintptr
		raw.Value_get_item(value, uintptr(i), &item)
		items[i] = readValue(item)
	}
	return items
}

// takeValue returns the Go value of a value of the library, and gives up the reference.
func takeValue(value uintptr) any {
	v := readValue(value)
	raw.Value_unref(value)
	return v
}

// As gives a result its type: As[int](boucle.WaitFor(ctx, d, x)). nil becomes the zero value of T. If the value has
// another type, As returns an error of the kind "TypeError".
func As[T any](v any, err error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	if v == nil {
		return zero, nil
	}
	t, ok := v.(T)
	if !ok {
		return zero, NewError("TypeError", fmt.Sprintf("the result has the type %T, not %s", v, fmt.Sprintf("%T", &zero)[1:]))
	}
	return t, nil
}
