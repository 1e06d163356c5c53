#!/bin/bash
# Boucle and libraries with functions of the same names in one program: linked in both orders, shared and static, with
# link-time optimization; in one file, with prefixed.h; by name, with dlsym(3); by LuaJIT's FFI. Prints TAP.
#
#   coexist.sh BUILD_ROOT SOURCE_ROOT CC...
set -euo pipefail
build=$1 source=$2/tests/coexist
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$build/meson-uninstalled LD_LIBRARY_PATH=$build/capi
read -ra cflags < <(pkg-config --cflags boucle)
read -ra shared < <(pkg-config --libs boucle)
read -ra closure < <(pkg-config --libs --static boucle | sed 's/-lboucle//')
static=("$build/capi/libboucle.a")
tests=0

installed() { # LIBRARY: can it be linked?
  echo 'int main(void) { return 0; }' | "${compiler[@]}" -x c - -o "$work/probe" "-l$1" 2>/dev/null
}

report() { # WHAT: did the program say that all is well?
  tests=$((tests + 1))
  if [[ $(tail -n 1 "$work/log") == "both work" ]]; then
    echo "ok $tests - $1"
  else
    echo "not ok $tests - $1"
    sed 's/^/# /' "$work/log"
  fi
}

check() { # WHAT SOURCE-OR-FLAG...: compiles and runs
  local what=$1
  shift
  "${compiler[@]}" "${flags[@]}" -o "$work/program" "$@" >"$work/log" 2>&1 &&
    { timeout 60 "$work/program" >"$work/log" 2>&1 || echo "exit status $?" >>"$work/log"; }
  report "$what"
}

skip() {
  tests=$((tests + 1))
  echo "ok $tests - $1 # SKIP $2 is not installed"
}

compiler=("$@")
flags=(-std=gnu11 -Wall -Wextra -Wpedantic -Werror "${cflags[@]}")
sources=("$source/main.c" "$source/boucle.c")
for other in libevent:event libev:ev; do
  name=${other%:*} library=${other#*:}
  if ! installed "$library"; then
    skip "$name" "$name"
    continue
  fi
  file=$source/$name.c
  check "$name, shared, before" "${sources[@]}" "$file" "-l$library" "${shared[@]}"
  check "$name, shared, after" "${sources[@]}" "$file" "${shared[@]}" "-l$library"
  check "$name, Boucle static, before" "${sources[@]}" "$file" "-l$library" "${static[@]}" "${closure[@]}"
  check "$name, Boucle static, after" "${sources[@]}" "$file" "${static[@]}" "-l$library" "${closure[@]}"
  archive=$("${compiler[@]}" -print-file-name="lib$library.a")
  if [[ $archive == */* ]]; then
    check "$name, both static, before" "${sources[@]}" "$file" "$archive" "${static[@]}" "${closure[@]}"
    check "$name, both static, after" "${sources[@]}" "$file" "${static[@]}" "$archive" "${closure[@]}"
    check "$name, its archive, before" "${sources[@]}" "$file" "$archive" "${shared[@]}" -lm
    check "$name, its archive, after" "${sources[@]}" "$file" "${shared[@]}" "$archive" -lm
  fi
  check "$name, with LTO, before" -flto -O2 "${sources[@]}" "$file" "-l$library" "${shared[@]}"
  check "$name, with LTO, after" -flto -O2 "${sources[@]}" "$file" "${static[@]}" "-l$library" "${closure[@]}"
done

if installed event; then
  check "libevent in one file, before" "$source/both.c" -levent "${shared[@]}"
  check "libevent in one file, after" "$source/both.c" "${static[@]}" -levent "${closure[@]}"
else
  skip "libevent in one file" libevent
fi
check "both spellings in one file" "$source/spellings.c" "${shared[@]}"
check "loop_new and its like by name" "$source/by_name.c" -ldl
if command -v luajit >/dev/null; then
  # What comes before are C's own types, which LuaJIT knows.
  "${compiler[@]}" -E -P "${cflags[@]}" -include boucle/boucle.h -x c /dev/null | sed -n '/struct boucle_loop /,$p' >"$work/names.h"
  luajit "$source/names.lua" "$work/names.h" >"$work/log" 2>&1 || true
  report "LuaJIT's FFI, by the first spelling"
else
  skip "LuaJIT's FFI, by the first spelling" luajit
fi
echo "1..$tests"
