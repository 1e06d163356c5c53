#!/bin/sh
# Generates internal/raw from the C headers. The result is committed, so that users of the module need no SWIG.
#
#   generate.sh [DIRECTORY with boucle/config.h [OUTPUT_DIRECTORY]]
set -eu
cd "$(dirname "$0")"
output=${2:-internal/raw}
swig -go -cgo -intgosize 64 -DSWIGWORDSIZE64 -package raw -module raw -I../../capi/include ${1:+-I"$1"} \
  -outdir "$output" -o "$output/raw_wrap.c" ../boucle.i
# go vet complains about the conversion of an address in C's memory to a pointer; this form does the same.
sed -i 's/(unsafe\.Pointer(p\.p))\[:p\.n\]/(*(*unsafe.Pointer)(unsafe.Pointer(\&p.p)))[:p.n]/' "$output/raw.go"
