package io.unfreed.bpf.symbols;

import java.util.List;

/**
 * A call's place in code, cheap to find; its names may take milliseconds to look up and can be
 * asked for on any thread while the cache is open.
 *
 * @param module as in {@link ResolvedFrame}
 * @param buildId GNU build id in hex, or null
 * @param address as in {@link ResolvedFrame}
 * @param symbols where the names are, or null when there is no such object
 * @param known names that are known already, used without {@code symbols}
 */
public record CodeLocation(
    String module, String buildId, long address, ObjectSymbols symbols, List<SourceFrame> known) {

  /** A frame whose names are known, as a kernel's are. */
  public static CodeLocation of(ResolvedFrame frame) {
    return new CodeLocation(frame.module(), frame.buildId(), frame.address(), null, frame.names());
  }

  /** Whether its object has made room for others, and is to be located again. */
  public boolean isStale() {
    return symbols != null && symbols.isClosed();
  }

  /** With its names. */
  public ResolvedFrame resolve() {
    return new ResolvedFrame(module, buildId, address, names());
  }

  /** What is known of it, innermost first; empty when nothing is. */
  public List<SourceFrame> names() {
    return symbols == null ? known : symbols.lookup(address);
  }
}
