package io.unfreed.bpf.session;

import io.unfreed.bpf.ring.ProcessCursor;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What was seen of each process, from the records in passing and from what is attached meanwhile.
 * It begins with the worst and gets better: whatever fails, nothing is said to be whole that is
 * not. Written by the polling and the attaching thread.
 */
final class CoverageBook {
  private static final long BEFORE_ITS_EXEC = Long.MIN_VALUE;
  private static final String NOT_YET = "ended before its probes were in";

  /** A process's image: when it began (CLOCK_MONOTONIC) and what is known of it. */
  private record Image(long beganNanos, Coverage coverage) {
    Image late(long nanos, String reason) {
      long since = Math.max(0, nanos - beganNanos);
      return new Image(beganNanos, Coverage.late(coverage.tgid(), since, reason));
    }
  }

  private final Map<Integer, Image> images = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Integer> ended = new ConcurrentLinkedQueue<>();

  Optional<Coverage> of(int tgid) {
    return Optional.ofNullable(images.get(tgid)).map(Image::coverage);
  }

  /** A running process, some time after its start. */
  void running(int tgid, long beganNanos, long probedNanos) {
    images.put(
        tgid,
        new Image(beganNanos, Coverage.whole(tgid))
            .late(probedNanos, "it ran before the recording"));
  }

  /** A command held before its exec, with the probes of what it will map. */
  void launched(int tgid) {
    images.put(tgid, new Image(BEFORE_ITS_EXEC, Coverage.whole(tgid)));
  }

  void forked(ProcessCursor fork) {
    int child = fork.other();
    Optional<Coverage> parent = of(fork.tgid());
    Coverage coverage =
        fork.forkIsProbed()
                && parent.map(Coverage::sinceNanos).orElse(OptionalLong.of(0)).isPresent()
            ? Coverage.whole(child)
            : Coverage.none(child, NOT_YET);
    images.put(child, new Image(fork.timeNanos(), coverage));
  }

  /** True when somebody has to look at the new image: nothing will hold it. */
  boolean execed(ProcessCursor exec) {
    int tgid = exec.tgid();
    Image before = images.get(tgid);
    boolean first = before != null && before.beganNanos() == BEFORE_ITS_EXEC;
    boolean whole = first || exec.execIsProbed();
    Coverage coverage =
        whole
            ? Coverage.whole(tgid)
            : Coverage.none(tgid, NOT_YET + ", and its dynamic linker is not known");
    images.put(tgid, new Image(exec.timeNanos(), coverage));
    return !whole;
  }

  /** Its linker waited for us in vain: what it had before is seen, new libraries are not. */
  void letGo(ProcessCursor record) {
    long nanos = record.timeNanos();
    images.computeIfPresent(
        record.tgid(),
        (tgid, image) -> image.late(nanos, "its new libraries had no probes in time"));
  }

  /** The probes of what it maps are in now. */
  void probed(int tgid, long nanos) {
    images.computeIfPresent(
        tgid,
        (same, image) ->
            image.coverage().reason().isEmpty()
                ? image
                : image.late(nanos, "its probes came in while it ran"));
  }

  /** Whether the present image's probes came in after a moment. */
  boolean isProbedSince(int tgid, long nanos) {
    Image image = images.get(tgid);
    OptionalLong since = image == null ? OptionalLong.empty() : image.coverage().sinceNanos();
    return since.isPresent() && image.beganNanos() + since.getAsLong() >= nanos;
  }

  /** Keeps what is known until the next round, so that whoever handles the exit can ask. */
  void exited(int tgid) {
    ended.add(tgid);
  }

  void dropEnded() {
    for (Integer tgid = ended.poll(); tgid != null; tgid = ended.poll()) {
      images.remove(tgid);
    }
  }
}
