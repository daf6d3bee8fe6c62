package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a capture says of its own session. */
final class Captured {
  private Captured() {}

  /** The session as the file has it last. */
  static Session session(Path file) throws Exception {
    try (CaptureReader in = CaptureReader.open(file)) {
      CaptureReader.Kind kind = in.next();
      while (kind != CaptureReader.Kind.END) {
        kind = in.next();
      }
      assertThat(in.damage()).isNull();
      return in.session();
    }
  }

  /** Its end, which keeps the identity of what was produced. */
  static SessionEnd end(Path file) throws Exception {
    SessionEnd end = session(file).getEnd();
    assertThat(end).describedAs("%s is open", file).isNotNull();
    assertThat(end.getProduced()).isEqualTo(end.getReceived() + end.getLost());
    return end;
  }

  /** The labels of all marks, in every lane. */
  static List<String> marks(Path file) throws Exception {
    List<String> labels = new ArrayList<>();
    EventCursor events = new EventCursor();
    try (CaptureReader in = CaptureReader.open(file)) {
      for (var kind = in.next(); kind != CaptureReader.Kind.END; kind = in.next()) {
        if (kind == CaptureReader.Kind.BATCH) {
          events.reset(in.bytes(), in.offset(), in.length());
          while (events.next()) {
            if (events.code() == EventCodes.MARK) {
              labels.add(events.label());
            }
          }
        }
      }
    }
    return labels;
  }

  /** A counter of the end; 0 when nothing was counted. */
  static long counter(SessionEnd end, String name) {
    return end.getLosses().getOrDefault(name, 0L);
  }
}
