/**
 * Bindings to C libraries (libc, libbpf, libdw, libstdc++) through java.lang.foreign: one final
 * class per area of a C header, a raw method per C function. Called by the other packages of this
 * module, and by the shim, which shares libc, errno and system calls.
 */
package io.unfreed.bpf.ffi;
