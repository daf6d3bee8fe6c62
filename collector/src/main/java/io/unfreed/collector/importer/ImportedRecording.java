package io.unfreed.collector.importer;

import io.unfreed.collector.capture.Damage;
import io.unfreed.collector.capture.RecordingException;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import java.io.IOException;
import java.nio.file.Path;

/** A trace of another tool. */
final class ImportedRecording implements Recording {
  private final Path file;
  private final TraceHead head;
  private final ContentHash content;
  private final ImportOptions options;

  private ImportedRecording(Path file, TraceHead head, ContentHash content, ImportOptions options) {
    this.file = file;
    this.head = head;
    this.content = content;
    this.options = options;
  }

  static ImportedRecording open(Path file, TraceHead head, ImportOptions options)
      throws RecordingException {
    try {
      return new ImportedRecording(file, head, ContentHash.of(file), options);
    } catch (IOException e) {
      throw RecordingException.of(file, "cannot be read", e);
    }
  }

  @Override
  public Kind kind() {
    return head.kind();
  }

  @Override
  public ImportResult copyTo(RecordingSink sink) throws IOException {
    boolean damaged = content.failure() != null;
    MalformedLines malformed = new MalformedLines(file, options.lenient(), damaged);
    try (LineChunks chunks = new LineChunks(file, content.bytes())) {
      ImportLane lane = new ImportLane(session(), sink);
      TraceParser parser = parser(lane, malformed);
      String stopped = null;
      long parsed = 0;
      try {
        for (LineChunk c = chunks.next(null); c != null; c = chunks.next(c)) {
          parser.parse(c.bytes(), c.length());
          parsed += c.length();
        }
      } catch (MalformedLines.AtDamage e) {
        stopped = e.getMessage();
      }
      Damage damage = stopped != null ? atLine(stopped, parsed, lane) : atEnd(chunks, parser, lane);
      lane.suppressions(parser.suppressions());
      if (damage == null) {
        lane.end(parser.timeNanos());
      } else {
        lane.leaveOpen(parser.timeNanos());
      }
      return new ImportResult(lane.events(), malformed.skipped(), malformed.first(), damage);
    }
  }

  private Damage atLine(String what, long parsed, ImportLane lane) {
    return new Damage(
        file,
        parsed,
        content.bytes() - parsed,
        content.failure() + "; " + what,
        kept(lane),
        lane.events() == 0);
  }

  private Damage atEnd(LineChunks chunks, TraceParser parser, ImportLane lane) {
    int tail = chunks.tail().length;
    long end = chunks.bytesRead() - tail;
    String what = content.failure() != null ? content.failure() : chunks.failure();
    if (what == null && chunks.bytesRead() < content.bytes()) {
      what = "the file became shorter while it was read";
    }
    if (what == null && tail > 0) {
      what = "it ends inside a line";
    }
    if (what == null) {
      what = parser.missing();
    }
    return what == null ? null : new Damage(file, end, tail, what, kept(lane), lane.events() == 0);
  }

  private static String kept(ImportLane lane) {
    return lane.events() + " events before it";
  }

  private TraceParser parser(ImportLane lane, MalformedLines malformed) {
    return switch (head.kind()) {
      case HEAPTRACK_RAW -> new HeaptrackRawParser(lane, options.symbolizer(), malformed);
      case HEAPTRACK_INTERPRETED -> new HeaptrackInterpretedParser(lane, malformed);
      case MTRACE -> new MtraceParser(lane, options.symbolizer(), malformed);
      case CAPTURE -> throw new IllegalStateException("captures are read elsewhere");
    };
  }

  private Session session() {
    boolean timed = head.kind() != Kind.MTRACE;
    return Session.newBuilder()
        .setSessionId(content.sessionId(options))
        .setSource(timed ? Source.HEAPTRACK : Source.MTRACE)
        .setCommand(head.command())
        .setTimed(timed)
        .setTickNanos(timed ? options.tickNanos() : 0)
        .build();
  }
}
