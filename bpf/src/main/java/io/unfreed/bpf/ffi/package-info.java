/**
 * Bindings to C libraries (libc, libbpf, libdw, libstdc++) through java.lang.foreign: one final
 * class per area of a C header, a raw method per C function. Called by the other packages of this
 * module only.
 */
package io.unfreed.bpf.ffi;
