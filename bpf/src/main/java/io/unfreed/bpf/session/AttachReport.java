package io.unfreed.bpf.session;

import java.util.List;

/**
 * What was probed in a process at one time.
 *
 * @param sinceNanos CLOCK_MONOTONIC when its probes were in place; events before are a gap
 * @param probed as in {@code malloc [/lib/x86_64-linux-gnu/libc.so.6]}
 * @param notes optional things missing or refused, one line each
 */
public record AttachReport(int tgid, long sinceNanos, List<String> probed, List<String> notes) {
  public AttachReport {
    probed = List.copyOf(probed);
    notes = List.copyOf(notes);
  }
}
