package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"boucle.dev/go/boucle"
)

// A value is nil, a bool, an int, a string, a list []any, or an *object. Objects are counted, as CPython counts its own:
// what a scenario drops is to be destroyed then, and not when Go's collector comes by.

type object struct {
	references int
	future     *boucle.Future[any]
	handle     *boucle.Callback
	other      any // a *boucle.Lock and so on
	release    func()
}

func keep(v any) any {
	switch x := v.(type) {
	case *object:
		x.references++
	case []any:
		for _, item := range x {
			keep(item)
		}
	}
	return v
}

func drop(v any) {
	switch x := v.(type) {
	case *object:
		x.references--
		if x.references == 0 && x.release != nil {
			x.release()
		}
	case []any:
		for _, item := range x {
			drop(item)
		}
	}
}

func futureObject(f *boucle.Future[any]) *object {
	return &object{references: 1, future: f, release: f.Release}
}

// held is an object inside a value of the library's: one reference.
type held struct{ object *object }

// Released is called when the library is done with the value.
func (h held) Released() { drop(h.object) }

// outward makes of a value one for the library.
func outward(v any) any {
	switch x := v.(type) {
	case *object:
		keep(x)
		return held{x}
	case []any:
		items := make([]any, len(x))
		for i, item := range x {
			items[i] = outward(item)
		}
		return items
	}
	return v
}

// inward makes a value of one of the library's: an exception becomes its text.
func inward(v any) any {
	switch x := v.(type) {
	case held:
		return keep(x.object)
	case error:
		return printError(x)
	case []any:
		items := make([]any, len(x))
		for i, item := range x {
			items[i] = inward(item)
		}
		return items
	}
	return v
}

func equal(left, right any) bool {
	l, lok := number(left)
	r, rok := number(right)
	if lok && rok {
		return l == r
	}
	a, aok := left.([]any)
	b, bok := right.([]any)
	if aok != bok {
		return false
	}
	if !aok {
		return left == right
	}
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func number(v any) (int, bool) {
	switch x := v.(type) {
	case int:
		return x, true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func (e *env) print(v any) string {
	switch x := v.(type) {
	case nil:
		return "None"
	case bool:
		if x {
			return "True"
		}
		return "False"
	case []any:
		texts := make([]string, len(x))
		for i, item := range x {
			texts[i] = e.print(item)
		}
		return "[" + strings.Join(texts, ",") + "]"
	case *object:
		if x.future != nil {
			return e.label(x.future)
		}
		return "<object>"
	}
	return fmt.Sprint(v)
}

// ---- exceptions ----

func raise(kind, message string) error { return boucle.NewError(kind, message) }

var repr = regexp.MustCompile(`\s*<.*>`)

func withoutReprs(text string) string { return strings.TrimRight(repr.ReplaceAllString(text, ""), ":") }

func kindOf(err error) (kind, message string) {
	var e *boucle.Error
	if errors.As(err, &e) {
		return e.Kind(), e.Message()
	}
	return fmt.Sprintf("%T", err), err.Error()
}

func printError(err error) string {
	kind, message := kindOf(err)
	var e *boucle.Error
	if errors.As(err, &e) {
		if members := e.Members(); len(members) > 0 {
			texts := make([]string, len(members))
			for i, member := range members {
				texts[i] = printError(member)
			}
			return kind + "[" + strings.Join(texts, ",") + "]"
		}
	}
	return kind + "(" + withoutReprs(message) + ")"
}

func isExit(kind string) bool { return kind == "SystemExit" || kind == "KeyboardInterrupt" }

func caughtBy(err error, clause string) bool {
	kind, _ := kindOf(err)
	switch clause {
	case "BaseException":
		return true
	case "Exception":
		return kind != "CancelledError" && kind != "BaseExceptionGroup" && !isExit(kind)
	}
	return kind == clause
}
