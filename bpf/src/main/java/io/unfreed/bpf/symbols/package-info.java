/**
 * From addresses to names: objects on disk (libdw, or our own ELF reader without it), the modules
 * of a live process, the kernel, and JIT map files. Called by the collector and, for offline
 * objects, by {@code report --symbols}.
 */
package io.unfreed.bpf.symbols;
