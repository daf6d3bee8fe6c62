package io.unfreed.query;

import io.unfreed.schemas.Frame;
import java.util.List;

/**
 * Which stacks are asked for by what is in their frames. Patterns are those of LeakSanitizer's
 * suppressions: a part of the name, with * for anything, ^ for its beginning and $ for its end.
 * With both, one frame must match both.
 */
public final class FrameFilter {
  /** Every stack passes. */
  public static final FrameFilter ALL = new FrameFilter(null, null);

  private final NamePattern function;
  private final NamePattern module;

  /** Asks for these names, null for any. */
  public FrameFilter(String function, String module) {
    this.function = function == null ? null : new NamePattern(function);
    this.module = module == null ? null : new NamePattern(module);
  }

  /** Whether nothing is asked of frames. */
  public boolean passesAll() {
    return function == null && module == null;
  }

  /** Whether a stack passes; one whose frames are not known passes only where all do. */
  public boolean passes(List<Frame> frames) {
    if (passesAll()) {
      return true;
    }
    return frames != null && frames.stream().anyMatch(this::matches);
  }

  private boolean matches(Frame frame) {
    return isFound(function, frame.getSymbol()) && isFound(module, frame.getModule());
  }

  private static boolean isFound(NamePattern pattern, String name) {
    return pattern == null || (name != null && pattern.isFoundIn(name));
  }
}
