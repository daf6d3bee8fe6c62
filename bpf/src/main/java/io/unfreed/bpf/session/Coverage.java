package io.unfreed.bpf.session;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * From when on a process's allocator calls were seen.
 *
 * @param tgid the process
 * @param sinceNanos from how long after its start, or that of its present image; 0 from its first
 *     instruction; empty: not (yet)
 * @param reason why not from its first instruction, one line without the process's name
 */
public record Coverage(int tgid, OptionalLong sinceNanos, Optional<String> reason) {
  static Coverage whole(int tgid) {
    return new Coverage(tgid, OptionalLong.of(0), Optional.empty());
  }

  static Coverage none(int tgid, String reason) {
    return new Coverage(tgid, OptionalLong.empty(), Optional.of(reason));
  }

  static Coverage late(int tgid, long sinceNanos, String reason) {
    return new Coverage(tgid, OptionalLong.of(Math.max(1, sinceNanos)), Optional.of(reason));
  }
}
