package io.unfreed.bpf.symbols;

import java.util.List;

/**
 * One return address of a stack, made independent of where things were mapped.
 *
 * @param module the object's path as the process sees it, {@code [kernel]}, a kernel module's name
 *     in brackets; null outside any module
 * @param buildId GNU build id in hex, or null
 * @param address ELF virtual address of the call (return address minus 1, minus load bias); in the
 *     kernel the distance from {@code _text}; the raw address minus 1 outside any module
 * @param names what is known of it, innermost first; empty when nothing is
 */
public record ResolvedFrame(String module, String buildId, long address, List<SourceFrame> names) {
  public ResolvedFrame {
    names = List.copyOf(names);
  }
}
