package io.unfreed.collector.capture;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Everything in a capture file. */
record Contents(
    List<Session> sessions, List<CallStack> stacks, List<byte[]> batches, Damage damage) {
  static Contents of(Path file) throws Exception {
    List<Session> sessions = new ArrayList<>();
    List<CallStack> stacks = new ArrayList<>();
    List<byte[]> batches = new ArrayList<>();
    try (CaptureReader in = CaptureReader.open(file)) {
      for (var kind = in.next(); kind != CaptureReader.Kind.END; kind = in.next()) {
        switch (kind) {
          case SESSION -> sessions.add(in.session());
          case STACK -> stacks.add(in.stack());
          case BATCH ->
              batches.add(Arrays.copyOfRange(in.bytes(), in.offset(), in.offset() + in.length()));
          case TRACE, END -> {}
        }
      }
      return new Contents(sessions, stacks, batches, in.damage());
    }
  }

  /** True when the records are the same. */
  boolean isSameAs(Contents other) {
    return sessions.equals(other.sessions)
        && stacks.equals(other.stacks)
        && Arrays.deepEquals(batches.toArray(), other.batches.toArray());
  }

  int records() {
    return sessions.size() + stacks.size() + batches.size();
  }
}
