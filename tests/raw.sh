#!/bin/bash
# bindings/go/internal/raw is what SWIG makes of the present headers: generates it again and compares. Skipped (77) if the
# installed SWIG is not the version that made it.
#
#   raw.sh SOURCE_ROOT BUILT_HEADERS
set -euo pipefail
source=$1 headers=$2
committed=$source/bindings/go/internal/raw
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

made_by=$(sed -n 's/^ \* Version \([0-9.]*\)$/\1/p' "$committed/raw_wrap.c" | head -n 1)
here=$(swig -version 2>/dev/null | sed -n 's/^SWIG Version //p' || true)
if [[ $here != "$made_by" ]]; then
  echo "made by SWIG $made_by, and here is ${here:-none}: not compared"
  exit 77
fi
"$source/bindings/go/generate.sh" "$headers" "$work"
diff -u "$committed" "$work" | head -n 40
cmp "$committed/raw.go" "$work/raw.go"
cmp "$committed/raw_wrap.c" "$work/raw_wrap.c"
echo "bindings/go/internal/raw is what SWIG $here makes of the headers"
