/**
 * Reading ELF files without a library: what the probe plan and the symbol fallback need from
 * headers, symbol tables, notes and the dynamic section. 64-bit little-endian objects only.
 */
package io.unfreed.bpf.elf;
