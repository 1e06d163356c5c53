#!/bin/bash
# Does what a user does after `meson install`: pkg-config, cc, run; shared and static; also with the examples.
#
#   install.sh BUILD_ROOT SOURCE_ROOT
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

DESTDIR=$root meson install -C "$build" --no-rebuild --quiet
pc=$(find "$root" -name boucle.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
libdir=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$root
# The flags for libraries of this machine must not move into the root: only ours do.
flags() { pkg-config "$@" boucle | sed "s#$root/usr/lib/\([^ ]*/libboost\)#/usr/lib/\1#g"; }

compile() { # OUTPUT SOURCE... -- FLAG...
  local output=$1
  shift
  local -a sources=()
  while [[ $1 != -- ]]; do sources+=("$1"); shift; done
  shift
  cc -std=gnu11 -Wall -Wextra -Wpedantic -Werror "${sources[@]}" -o "$work/$output" "$@"
}
# The program in the README.
sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '/^```/d' >"$work/hello.c"

# The program in docs/cpp.md.
sed -n '/^```cpp$/,/^```$/p' "$source/docs/cpp.md" | sed '/^```/d' >"$work/hello.cpp"

expect() { # OUTPUT PROGRAM [ARG ...]
  local expected=$1 printed
  shift
  printed=$("$@") || { echo "install: $* failed" >&2; exit 1; }
  [[ $printed == "$expected" ]] || { echo "install: $* printed: $printed" >&2; exit 1; }
}

echo "installed below $root$prefix: $(find "$root" -type f -o -type l | wc -l) files"
# shellcheck disable=SC2046
{
  compile shared "$work/hello.c" -- $(flags --cflags --libs)
  expect "hello, world" env LD_LIBRARY_PATH="$libdir" "$work/shared"
  readelf -d "$work/shared" | grep 'NEEDED.*\[libboucle.so.1\]' >/dev/null

  # Both spellings of the headers are installed.
  compile spellings "$source/tests/coexist/spellings.c" -- $(flags --cflags --libs)
  expect "both work" env LD_LIBRARY_PATH="$libdir" "$work/spellings"

  compile static "$work/hello.c" -- -static $(flags --cflags --libs --static)
  expect "hello, world" "$work/static"

  c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$work/hello.cpp" -o "$work/cpp" $(flags --cflags --libs)
  expect "hello, world" env LD_LIBRARY_PATH="$libdir" "$work/cpp"
  c++ -std=c++20 "$work/hello.cpp" -o "$work/cpp-static" -static $(flags --cflags --libs --static)
  expect "hello, world" "$work/cpp-static"

  # Only Boucle static: what hosts that ship one file do.
  compile mixed "$work/hello.c" -- $(flags --cflags) "$libdir/libboucle.a" $(flags --libs --static | sed 's/-lboucle//')
  expect "hello, world" "$work/mixed"

  for example in "$source"/examples/c/exo*.c "$source"/examples/c/results*.c "$source"/examples/c/sleepers.c; do
    compile "$(basename "$example" .c)" "$example" "$source/examples/c/course.c" -- $(flags --cflags --libs)
  done
}
LD_LIBRARY_PATH=$libdir "$work/exo3-fork-and-stop" | tail -n 1 | grep -qx bye

# Uninstalled use: the same from the build directory.
unset PKG_CONFIG_SYSROOT_DIR
export PKG_CONFIG_PATH=$build/meson-uninstalled
# shellcheck disable=SC2046
compile uninstalled "$work/hello.c" -- $(pkg-config --cflags --libs boucle)
expect "hello, world" env LD_LIBRARY_PATH="$build/capi" "$work/uninstalled"
echo "shared, static, mixed and uninstalled programs run"
