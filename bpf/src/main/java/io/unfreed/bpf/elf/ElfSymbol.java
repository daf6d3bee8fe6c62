package io.unfreed.bpf.elf;

/**
 * A defined function symbol.
 *
 * @param name without its version suffix
 * @param vaddr ELF virtual address, as in the file
 * @param sizeBytes 0 where the object does not say
 */
public record ElfSymbol(String name, long vaddr, long sizeBytes) {}
