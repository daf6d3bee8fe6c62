package io.unfreed.render.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.history.BlockMove;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A processed profile, version 60, for Firefox Profiler, which brings it up to date itself
 * (firefox-devtools/profiler, docs-developer/CHANGELOG-formats.md, src/types/profile.ts): a thread
 * for each process, its allocations with their addresses, so that the page can show what a range
 * allocated and kept. Times are milliseconds.
 */
public final class FirefoxExporter implements HistoryExporter {
  private static final int PROCESSED_VERSION = 60;
  private static final int GECKO_VERSION = 29;

  /** A browser holds the file in memory several times; a move takes about 60 bytes of it. */
  private static final long MOST_MOVES = 2_000_000;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final double MICROS_PER_MILLI = 1000;

  @Override
  public int mostProcesses() {
    return Integer.MAX_VALUE;
  }

  @Override
  public long mostMoves() {
    return MOST_MOVES;
  }

  @Override
  public void write(Session session, List<ExportedHistory> processes, OutputStream out)
      throws IOException {
    FirefoxTables tables = new FirefoxTables();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeArrayFieldStart("threads");
      for (int i = 0; i < processes.size(); i++) {
        writeThread(json, processes.get(i), i, tables);
      }
      json.writeEndArray();
      writeMeta(json, session);
      tables.write(json);
      json.writeEndObject();
    }
  }

  private static void writeMeta(JsonGenerator json, Session session) throws IOException {
    json.writeObjectFieldStart("meta");
    json.writeNumberField("interval", 1);
    Long started = session.getStartedEpochNanos();
    json.writeNumberField("startTime", started == null ? 0 : started / NANOS_PER_MILLI);
    json.writeNumberField("processType", 0);
    json.writeArrayFieldStart("categories");
    json.writeStartObject();
    json.writeStringField("name", "Other");
    json.writeStringField("color", "grey");
    FirefoxTables.array(json, "subcategories", List.of("Other"));
    json.writeEndObject();
    json.writeEndArray();
    json.writeStringField(
        "product", Printable.of(session.getCommand() == null ? "Unfreed" : session.getCommand()));
    json.writeStringField("importedFrom", "Unfreed");
    json.writeNumberField("stackwalk", 1);
    json.writeNumberField("version", GECKO_VERSION);
    json.writeNumberField("preprocessedProfileVersion", PROCESSED_VERSION);
    json.writeBooleanField("symbolicationNotSupported", true);
    json.writeBooleanField("usesOnlyOneStackType", true);
    json.writeBooleanField("sourceCodeIsNotOnSearchfox", true);
    FirefoxTables.array(json, "markerSchema", List.of());
    json.writeEndObject();
  }

  private static void writeThread(
      JsonGenerator json, ExportedHistory process, int number, FirefoxTables tables)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    process.forEach(move -> Row.add(rows, move));
    double end =
        process.endMicros(rows.isEmpty() ? 0 : rows.getLast().timeMicros()) / MICROS_PER_MILLI;
    Integer tgid = process.process().process().getTgid();
    json.writeStartObject();
    json.writeStringField("processType", "default");
    json.writeNumberField("processStartupTime", 0);
    json.writeNumberField("processShutdownTime", end);
    json.writeNumberField("registerTime", 0);
    json.writeNumberField("unregisterTime", end);
    FirefoxTables.array(json, "pausedRanges", List.of());
    json.writeStringField("name", process.command());
    json.writeBooleanField("isMainThread", true);
    json.writeStringField("pid", tgid == null ? "process " + number : tgid.toString());
    json.writeNumberField("tid", number);
    writeSamples(json, end);
    writeMarkers(json);
    writeRows(json, rows, process, tables);
    json.writeEndObject();
  }

  /** The page wants samples of every thread; they say from when to when it was recorded. */
  private static void writeSamples(JsonGenerator json, double end) throws IOException {
    json.writeObjectFieldStart("samples");
    json.writeArrayFieldStart("stack");
    json.writeNull();
    json.writeNull();
    json.writeEndArray();
    json.writeArrayFieldStart("time");
    json.writeNumber(0);
    json.writeNumber(end);
    json.writeEndArray();
    json.writeNullField("weight");
    json.writeStringField("weightType", "samples");
    json.writeNumberField("length", 2);
    json.writeEndObject();
  }

  private static void writeMarkers(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("markers");
    for (String column : List.of("data", "name", "startTime", "endTime", "phase", "category")) {
      FirefoxTables.array(json, column, List.of());
    }
    json.writeNumberField("length", 0);
    json.writeEndObject();
  }

  private static void writeRows(
      JsonGenerator json, List<Row> rows, ExportedHistory process, FirefoxTables tables)
      throws IOException {
    json.writeObjectFieldStart("nativeAllocations");
    json.writeArrayFieldStart("time");
    for (Row row : rows) {
      json.writeNumber(row.timeMicros() / MICROS_PER_MILLI);
    }
    json.writeEndArray();
    column(json, "weight", rows, Row::bytes);
    column(json, "memoryAddress", rows, Row::address);
    column(json, "threadId", rows, Row::tid);
    json.writeArrayFieldStart("stack");
    for (Row row : rows) {
      if (row.stack() == null) {
        json.writeNull();
      } else {
        json.writeNumber(tables.stack(row.stack(), process));
      }
    }
    json.writeEndArray();
    json.writeStringField("weightType", "bytes");
    json.writeNumberField("length", rows.size());
    json.writeEndObject();
  }

  private static void column(
      JsonGenerator json, String name, List<Row> rows, ToLongFunction<Row> number)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Row row : rows) {
      json.writeNumber(number.applyAsLong(row));
    }
    json.writeEndArray();
  }

  /**
   * What the page calls an allocation.
   *
   * @param bytes below 0 for one that goes
   * @param stack null when it is not known
   */
  private record Row(long timeMicros, long bytes, long address, int tid, StackId stack) {

    /** A mapping that loses a part goes, and what is left of it comes. */
    static void add(List<Row> rows, BlockMove move) {
      StackId allocates = move.stack().stackId();
      switch (move.kind()) {
        case OPENED -> rows.add(of(move, move.bytes(), allocates));
        case CLOSED -> rows.add(of(move, -move.bytes(), move.releaser()));
        case SHRUNK -> {
          rows.add(of(move, -move.bytes() - move.leftBytes(), null));
          rows.add(of(move, move.leftBytes(), allocates));
        }
      }
    }

    private static Row of(BlockMove move, long bytes, StackId stack) {
      return new Row(move.timeMicros(), bytes, move.address(), move.tid(), stack);
    }
  }
}
