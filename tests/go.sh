#!/bin/bash
# Runs a stage of the Go tests with the library of the build directory.
#
#   go.sh BUILD_ROOT SOURCE_ROOT vet|test|race|scenarios|consumer|examples|three|three-race|three-example
set -euo pipefail
build=$1 source=$2 stage=$3
export PKG_CONFIG_PATH=$build/meson-uninstalled LD_LIBRARY_PATH=$build/capi GOFLAGS=-mod=mod GOPROXY=off GOWORK=off
export GOCACHE=${GOCACHE:-$build/go-cache} GODEBUG=cgocheck=1
# For Lua, which three-... embed.
export LUA_CPATH="$build/bindings/lua/5.4/?.so;;"
# The names of this library's tests, and nothing of a sanitizer: the C side has builds of its own for that.
module=$source/bindings/go

tap() { # go test -v in the Test Anything Protocol
  awk '/^ *--- (PASS|FAIL|SKIP)/ { n++; print ($2 == "FAIL:" ? "not ok " : "ok ") n " - " $3 ($2 == "SKIP:" ? " # SKIP" : ""); next }
    { print "# " $0 } END { print "1.." n }'
}

case $stage in
  vet)
    cd "$module"
    [[ -z $(gofmt -l ./*.go ../../tests/semantics/go ../../examples/go) ]]
    go vet ./...
    (cd "$source/tests/semantics/go" && go vet ./...)
    (cd "$source/examples/go" && go vet ./...)
    ;;
  test) cd "$module" && go test -count=1 -v ./... | tap ;;
  race) cd "$module" && go test -count="${GO_RACE_COUNT:-2}" -race ./... ;;
  scenarios)
    shift 3
    cd "$source/tests/semantics/go" && go build -o "$build/tests/semantics/scenario-go" .
    "$build/tests/semantics/scenario-go" --tap "$@"
    ;;
  examples)
    cd "$source/examples/go" && mkdir -p "$build/examples/go" && go build -o "$build/examples/go/" ./...
    python3 "$source/tests/examples.py" "$source/examples/python" "$build"/examples/go/{exo,results}*
    ;;
  three) # Go, Lua and C in one loop
    cd "$source/tests/three"
    [[ -z $(gofmt -l . ../../examples/three) ]]
    go vet ./...
    (cd "$source/examples/three" && go vet ./...)
    go test -count=1 -v ./... | tap
    ;;
  three-race) cd "$source/tests/three" && go test -count="${GO_RACE_COUNT:-2}" -race ./... ;;
  three-example)
    cd "$source/examples/three" && mkdir -p "$build/examples/go" && go build -o "$build/examples/go/three" .
    "$build/examples/go/three" | diff - output.txt
    echo "one loop, three languages: it prints what output.txt says"
    ;;
  consumer)
    # A program outside of the tree, with the module as it is installed, and no network.
    work=$(mktemp -d)
    trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
    DESTDIR=$work/root meson install -C "$build" --no-rebuild --quiet
    installed=$(dirname "$(find "$work/root" -path '*boucle/go/go.mod')")
    mkdir "$work/consumer" && cd "$work/consumer"
    printf 'module consumer\n\ngo 1.19\n\nrequire boucle.dev/go/boucle v0.0.0\n\nreplace boucle.dev/go/boucle => %s\n' \
      "$installed" >go.mod
    sed -n '/^```go$/,/^```$/p' "$source/README.md" | sed '/^```/d' >main.go
    go build -o consumer .
    [[ $(./consumer) == "hello, world" ]]
    echo "a program outside of the tree builds and runs"
    ;;
esac
