#!/bin/bash
# The option symbol_prefix: every exported symbol has it, sources keep the short names, programs build and run.
#
#   prefix.sh SOURCE_ROOT
set -euo pipefail
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

meson setup "$work/build" "$source" -Dsymbol_prefix=bcl_ -Dtests=false -Dexamples=false --buildtype=debug >"$work/log" ||
  { cat "$work/log"; exit 1; }
ninja -C "$work/build" >"$work/log" || { tail -n 30 "$work/log"; exit 1; }

library=$work/build/capi/libboucle.so
python3 "$source/tests/exports.py" "$source/capi" "$library" bcl_

# The program in the README.
sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '/^```/d' >"$work/hello.c"
export PKG_CONFIG_PATH=$work/build/meson-uninstalled
[[ $(pkg-config --variable=symbol_prefix boucle) == bcl_ ]]
# shellcheck disable=SC2046
cc -std=gnu11 -Wall -Wextra -Werror "$work/hello.c" -o "$work/hello" $(pkg-config --cflags --libs boucle)
nm -u "$work/hello" | grep 'bcl_loop_run' >/dev/null
[[ $(LD_LIBRARY_PATH=$work/build/capi "$work/hello") == "hello, world" ]]
