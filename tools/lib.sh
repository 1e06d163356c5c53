# shellcheck shell=bash
# Functions that tools/demo and tools/test share. They source this file, with bash.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8

# The packages that the build needs: the name in Debian, and a command that succeeds if it is installed.
needs=(
  "gcc          command -v cc"
  "g++          command -v c++"
  "libc6-dev    test -e /usr/include/stdio.h"
  "binutils     command -v nm"
  "meson        command -v meson"
  "ninja-build  command -v ninja"
  "pkgconf      command -v pkg-config"
  "libboost-context-dev  test -e /usr/include/boost/context/fiber_fcontext.hpp"
  "libcmocka-dev         pkg-config --exists cmocka"
  "libevent-dev          test -e /usr/include/event2/event.h"
  "libev-dev             test -e /usr/include/ev.h"
  "golang-go    command -v go"
  "swig                  command -v swig"
  "doxygen               command -v doxygen"
  "lua5.4                command -v lua5.4"
  "liblua5.4-dev         pkg-config --exists lua5.4"
  "luajit                command -v luajit"
  "libluajit-5.1-dev     pkg-config --exists luajit"
)

say() { printf '\n==> %s\n' "$*"; }

fail() {
  printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# progress LABEL COMMAND...: runs the command, and writes its output to a log. Prints the last line of the log every ten
# seconds, and the end of the log if the command fails.
progress() {
  local label=$1 log waited=0 status=0
  shift
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 &
  local job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.5
    if ((++waited % 20 == 0)); then
      printf '    %s: %ds, %s\n' "$label" $((waited / 2)) "$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-90)"
    fi
  done
  wait "$job" || status=$?
  if ((status)); then
    tail -n 40 "$log" >&2
    rm -f "$log"
    fail "$label failed (exit status $status): $*"
  fi
  rm -f "$log"
  printf '    %s: done in %ds\n' "$label" $((waited / 2))
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo -- "$@"
  fi
}

# Installs what is missing, and only that.
install_missing() {
  local need package missing=()
  for need in "${needs[@]}"; do
    package=${need%% *}
    bash -c "${need#* }" >/dev/null 2>&1 || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    say "everything the build needs is installed"
    return
  fi
  say "installing ${missing[*]}"
  command -v apt-get >/dev/null || fail "needs ${missing[*]}, and there is no apt-get here: please install them yourself"
  ((EUID == 0)) || command -v sudo >/dev/null ||
    fail "needs ${missing[*]}: run this as root, or install sudo, or: apt-get install ${missing[*]}"
  ((EUID == 0)) || sudo -v || fail "sudo does not let you install ${missing[*]}"
  progress "package lists" as_root apt-get update -q
  progress "packages" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# build DIRECTORY [MESON OPTION ...]
build() {
  local directory=$1
  shift
  say "building $directory${*:+ ($*)}"
  if [[ -e $directory/build.ninja ]]; then
    progress "configure" meson setup --reconfigure "$directory" "$@"
  else
    progress "configure" meson setup "$directory" "$@"
  fi
  progress "compile" ninja -C "$directory"
}
