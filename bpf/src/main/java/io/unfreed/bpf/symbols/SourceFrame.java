package io.unfreed.bpf.symbols;

/**
 * What is known of one address, or of one inlined call at it. Unknown is null, never invented.
 *
 * @param symbol the demangled function name, or null
 * @param offsetBytes from the start of the physical function's symbol, or null; an inlined frame
 *     has none
 * @param file the source file as the debug info spells it, or null
 * @param line from 1, or null
 * @param inlined true when the compiler inlined this function into the next frame
 */
public record SourceFrame(
    String symbol, Long offsetBytes, String file, Integer line, boolean inlined) {}
