package io.unfreed.collector.importer;

import java.util.List;

/** Finds names for an address inside a module, for example in the debug files of a directory. */
@FunctionalInterface
public interface Symbolizer {
  /**
   * One function at an address.
   *
   * @param symbol function, demangled
   * @param offsetBytes bytes from the function's start; null when unknown or inlined
   * @param file source file, null when unknown
   * @param line source line, null when unknown
   * @param inlined inlined into the next frame of the list
   */
  record SourceFrame(String symbol, Long offsetBytes, String file, Integer line, boolean inlined) {}

  /**
   * Functions at an address, innermost first; empty when nothing is known.
   *
   * @param module path of the module as the source recorded it
   * @param address ELF virtual address of the call
   */
  List<SourceFrame> frames(String module, long address);

  /** Knows nothing. */
  static Symbolizer none() {
    return (module, address) -> List.of();
  }
}
