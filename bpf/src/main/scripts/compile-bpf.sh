#!/bin/sh
# Compiles what starts a command, the BPF programs, and the builder of their unwinding rules from the recording library's
# sources, into class-path resources. Without clang or libbpf's headers the build
# goes on: the Java side then says what to install.
# Usage: compile-bpf.sh SOURCE_DIR LIBRARY_SOURCE_DIR OUTPUT_DIR
set -eu
source=$1
rules=$2
output=$3/io/unfreed/bpf
# The launcher builds again when this is there and what is missing has come.
without=$3/../without-program
case $(uname -m) in
  x86_64) arch=x86 ;;
  *) echo "bpf: no BPF program for $(uname -m) yet" >&2; exit 0 ;;
esac
mkdir -p "$output"

# By what a file was made of, not by times: a tree that was copied over another may have any.
is_fresh() { # FILE SOURCE...: also sets made_of and noted, where that is to be written when the file is made
  file=$1
  noted=$output/../../../../$(basename "$file").made-of
  shift
  made_of=$({ clang --version || gcc --version || true; } 2>/dev/null | head -1 && cksum "$@")
  [ -f "$file" ] && [ -f "$noted" ] && [ "$(cat "$noted")" = "$made_of" ]
}
note() { printf '%s\n' "$made_of" >"$noted"; }

start=$output/start
if ! is_fresh "$start" "$source/../c/start.c" "$0"; then
  rm -f "$start"
  # Static where it can be: it then needs no C library as new as this one, and preloads nothing.
  for how in "clang -static" "gcc -static" "clang" "gcc"; do
    # shellcheck disable=SC2086
    if command -v ${how% *} >/dev/null && $how -std=gnu11 -D_GNU_SOURCE -O2 -s -Wall -Wextra -Wl,-z,noexecstack \
      -o "$start.tmp" "$source/../c/start.c" 2>/dev/null; then
      mv "$start.tmp" "$start"
      note
      break
    fi
  done
  [ -f "$start" ] || echo "bpf: no C compiler or no libc6-dev: commands are started by a shell" >&2
fi
if ! command -v clang >/dev/null || ! [ -f /usr/include/bpf/bpf_helpers.h ]; then
  echo "bpf: clang or libbpf-dev is missing: building without the BPF program" >&2
  rm -f "$output/unfreed.bpf.o" "$output/trace.bpf.o" "$output/libunfreed-tables.so"
  touch "$without"
  exit 0
fi
rm -f "$without"
for program in unfreed trace; do
  object=$output/$program.bpf.o
  if is_fresh "$object" "$source"/*.c "$source"/*.h "$0"; then continue; fi
  # -g for BTF; the DWARF that comes with it is stripped.
  clang -g -O2 -Wall -Werror -target bpf -mcpu=v3 "-D__TARGET_ARCH_$arch" \
    "-I/usr/include/$(uname -m)-linux-gnu" -c "$source/$program.bpf.c" -o "$object.tmp"
  if command -v llvm-strip >/dev/null; then llvm-strip -g "$object.tmp"; fi
  mv "$object.tmp" "$object"
  note
done
library=$output/libunfreed-tables.so
sources="$rules/cfi.c $rules/rule.c $rules/tables/image.c $rules/tables/table.c"
# shellcheck disable=SC2086
if is_fresh "$library" $sources "$rules"/*.h "$rules"/tables/*.h "$0"; then exit 0; fi
# shellcheck disable=SC2086
if clang -std=gnu11 -D_GNU_SOURCE -O2 -g1 -fPIC -shared -Wall -Wextra -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now \
  "-ffile-prefix-map=$rules=shim" -o "$library.tmp" $sources; then
  mv "$library.tmp" "$library"
  note
else
  echo "bpf: libc6-dev is missing: building without rules for unwinding, stacks are taken by frame pointers" >&2
  rm -f "$library"
fi
