#!/bin/sh
# Compiles the library that records a process from inside, and the collector's small one, into
# class-path resources. Without a C compiler the build goes on: the Java side then says what to
# install.
# Usage: compile-shim.sh SOURCE_DIR OUTPUT_DIR
set -eu
source=$1
output=$2/io/unfreed/shim
# The launcher builds again when this is there and a compiler has come.
without=$2/../without-library
case $(uname -s)-$(uname -m) in
  Linux-x86_64) ;;
  *) echo "shim: no recording library for $(uname -s) on $(uname -m) yet" >&2; exit 0 ;;
esac
mkdir -p "$output"
for compiler in ${CC:-cc} gcc clang none; do
  command -v "$compiler" >/dev/null && break
done
# A compiler without libc's and the kernel's headers is of no use.
if [ "$compiler" = none ] || ! printf '#include <link.h>\n#include <linux/futex.h>\n' | "$compiler" -E - >/dev/null 2>&1; then
  echo "shim: a C compiler with libc's headers is missing (gcc and libc6-dev): building without the recording library" >&2
  rm -f "$output"/libunfreed-*.so
  touch "$without"
  exit 0
fi
rm -f "$without"
# By what it was made of, not by times: a tree that was copied over another may have any.
noted=$2/../library-made-of
made_of=$("$compiler" --version | head -1 && cksum "$0" "$source"/*.c "$source"/*.h "$source"/*.map "$source"/collector/*.c)
if [ -f "$output/libunfreed-shim.so" ] && [ -f "$noted" ] && [ "$(cat "$noted")" = "$made_of" ]; then exit 0; fi
rm -f "$noted"
# -fno-builtin: a call of calloc must stay one. Frame pointers: a hook finds its caller by its own frame.
# -z now: the library must not be in the dynamic linker while it is in a hook.
flags="-std=gnu11 -D_GNU_SOURCE -O2 -g1 -fPIC -fno-omit-frame-pointer -fno-builtin -fno-stack-protector
  -fvisibility=hidden -fexceptions -fasynchronous-unwind-tables -Wall -Wextra -ffile-prefix-map=$source=shim"
link="-shared -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack -Wl,--build-id=sha1"
# shellcheck disable=SC2086
"$compiler" $flags $link -Wl,-soname,libunfreed-shim.so "-Wl,--version-script=$source/shim.map" -o "$output/shim.tmp" "$source"/*.c
# shellcheck disable=SC2086
"$compiler" $flags -fvisibility=default $link -o "$output/collector.tmp" "$source"/collector/*.c
mv "$output/collector.tmp" "$output/libunfreed-collector.so"
mv "$output/shim.tmp" "$output/libunfreed-shim.so"
printf '%s\n' "$made_of" >"$noted"
