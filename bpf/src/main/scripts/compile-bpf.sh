#!/bin/sh
# Compiles the BPF programs into class-path resources. Without clang or libbpf's headers the build
# goes on: the Java side then says what to install.
# Usage: compile-bpf.sh SOURCE_DIR OUTPUT_DIR
set -eu
source=$1
output=$2/io/unfreed/bpf
# The launcher builds again when this is there and what is missing has come.
without=$2/../without-program
case $(uname -m) in
  x86_64) arch=x86 ;;
  *) echo "bpf: no BPF program for $(uname -m) yet" >&2; exit 0 ;;
esac
mkdir -p "$output"
if ! command -v clang >/dev/null || ! [ -f /usr/include/bpf/bpf_helpers.h ]; then
  echo "bpf: clang or libbpf-dev is missing: building without the BPF program" >&2
  rm -f "$output/unfreed.bpf.o" "$output/trace.bpf.o"
  touch "$without"
  exit 0
fi
rm -f "$without"
for program in unfreed trace; do
  object=$output/$program.bpf.o
  newest=$(ls -t "$source"/*.c "$source"/*.h "$0" "$object" 2>/dev/null | head -1)
  if [ "$newest" = "$object" ]; then continue; fi
  # -g for BTF; the DWARF that comes with it is stripped.
  clang -g -O2 -Wall -Werror -target bpf -mcpu=v3 "-D__TARGET_ARCH_$arch" \
    "-I/usr/include/$(uname -m)-linux-gnu" -c "$source/$program.bpf.c" -o "$object.tmp"
  if command -v llvm-strip >/dev/null; then llvm-strip -g "$object.tmp"; fi
  mv "$object.tmp" "$object"
done
