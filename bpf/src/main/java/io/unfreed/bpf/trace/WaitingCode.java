package io.unfreed.bpf.trace;

import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.bpf.symbols.CodeLocation;
import java.util.List;
import java.util.Optional;

/**
 * The code that waits.
 *
 * @param frames innermost first; none when no stack could be taken
 * @param incomplete why there should be more frames; empty if there should not, or nobody can tell
 */
public record WaitingCode(List<CodeLocation> frames, Optional<Incomplete> incomplete) {
  public WaitingCode {
    frames = List.copyOf(frames);
  }
}
