#!/bin/sh
# Makes internal/raw from the C headers. Whoever installs the module needs no SWIG: what it makes is committed.
#
#   generate.sh [DIRECTORY with boucle/config.h [OUTPUT_DIRECTORY]]
set -eu
cd "$(dirname "$0")"
output=${2:-internal/raw}
swig -go -cgo -intgosize 64 -DSWIGWORDSIZE64 -package raw -module raw -I../../capi/include ${1:+-I"$1"} \
  -outdir "$output" -o "$output/raw_wrap.c" ../boucle.i
# vet objects to a conversion of an address in the memory of C; so it does not see one.
sed -i 's/(unsafe\.Pointer(p\.p))\[:p\.n\]/(*(*unsafe.Pointer)(unsafe.Pointer(\&p.p)))[:p.n]/' "$output/raw.go"
