package io.unfreed.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.ReportedLeak;
import io.unfreed.query.StackBook;
import io.unfreed.query.WhoFrees;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.streams.lane.Degraded;
import io.unfreed.streams.lane.FreedBy;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.Selected;
import io.unfreed.streams.verdict.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One line of JSON per report, schema {@code unfreed.report/2} (docs/contract.md, section 7). */
public final class JsonReports implements ReportPrinter {
  static final String SCHEMA = "unfreed.report/2";

  /** In place of the ids of stacks that are not told apart, last of a list. */
  private static final String OTHER_RELEASERS = "other";

  private final JsonFactory factory = new JsonFactory();
  private final PrintStream out;
  private final Shape shape;
  private Collection<Mark> marks = List.of();

  /** Prints to {@code out}, listing {@code top} stacks, 0 for all. */
  public JsonReports(PrintStream out, int top) {
    this(out, Shape.ofTop(top));
  }

  /** Prints to {@code out} what the shape says. */
  public JsonReports(PrintStream out, Shape shape) {
    this.out = out;
    this.shape = shape;
  }

  @Override
  public void know(Collection<Mark> named) {
    marks = named;
  }

  @Override
  public void print(Session session, IncarnationReport report, StackBook stacks) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      writeSession(json, session);
      writeProcess(json, report);
      writeAt(json, session, report);
      writeTotals(json, report);
      writeSelected(json, report);
      Hidden hidden = Hidden.of(session, report, stacks, shape.suppressions());
      hidden.write(json);
      Long limitBytes = shape.limitBytes(session);
      WhoFrees freeing = new WhoFrees(report, stacks);
      JsonVerdicts.writeLeaks(
          json, report, ReportedLeak.of(report, stacks, hidden::shows), freeing, limitBytes);
      json.writeArrayFieldStart("stacks");
      for (StackNumbers stack : shape.listed(report, hidden)) {
        writeStack(json, report, stack, freeing, limitBytes);
        writeFrames(json, stack.key().stackId(), stacks);
        json.writeEndObject();
      }
      json.writeEndArray();
      MarkList.write(json, session, MarkList.of(report, marks));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println(Printable.ofJson(line.toString()));
  }

  static void writeSession(JsonGenerator json, Session session) throws IOException {
    json.writeObjectFieldStart("session");
    json.writeStringField("id", session.getSessionId());
    json.writeStringField("source", SessionSource.name(session));
    json.writeStringField("command", session.getCommand());
    json.writeStringField("host", session.getHost());
    writeInstant(json, "startedAt", Moments.ofEpochNanos(session.getStartedEpochNanos()));
    json.writeNumberField("sampleRate", session.getSampleRate());
    json.writeObjectFieldStart("recordFilters");
    for (Map.Entry<String, String> f : new TreeMap<>(session.getRecordFilters()).entrySet()) {
      json.writeStringField(f.getKey(), f.getValue());
    }
    json.writeEndObject();
    json.writeBooleanField("freeStacks", session.getFreeStacks());
    json.writeArrayFieldStart("notSeen");
    for (String what : SessionSource.notSeen(session)) {
      json.writeString(what);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  static void writeProcess(JsonGenerator json, IncarnationReport report) throws IOException {
    json.writeObjectFieldStart("process");
    writeNumber(json, "tgid", report.process().getTgid());
    writeInstant(json, "startTime", Moments.ofEpochNanos(report.process().getStartEpochNanos()));
    json.writeStringField("command", report.process().getCommand());
    Long from = report.process().getRecordedFromNanos();
    writeNumber(
        json, "recordedFromNanos", from == null || from == RecordedFrom.NEVER ? null : from);
    json.writeEndObject();
  }

  static void writeAt(JsonGenerator json, Session session, IncarnationReport report)
      throws IOException {
    json.writeObjectFieldStart("at");
    writeNumber(json, "sinceStartNanos", report.atNanos());
    writeInstant(json, "time", Moments.wallClock(session, report.atNanos()));
    json.writeBooleanField("final", report.isFinal());
    json.writeEndObject();
  }

  static void writeTotals(JsonGenerator json, IncarnationReport report) throws IOException {
    TotalsNumbers t = report.totals();
    boolean sums = !report.kernel();
    json.writeObjectFieldStart("totals");
    json.writeNumberField("allocations", t.allocations());
    json.writeNumberField("frees", t.frees());
    writeNumber(json, "unmatchedFrees", t.unmatchedFrees());
    json.writeNumberField("superseded", t.superseded());
    json.writeNumberField("closedByExec", t.closedByExec());
    writeNumber(json, "temporaryAllocations", t.temporaryAllocations());
    json.writeNumberField("allocatedBytes", t.allocatedBytes());
    writeNumber(json, "peakBytes", t.peakBytes());
    writeNumber(json, "outstandingBytes", sums ? t.outstandingBytes() : null);
    writeNumber(json, "outstandingCount", sums ? t.outstandingCount() : null);
    json.writeNumberField("certainBytes", t.certainBytes());
    json.writeNumberField("lostEvents", t.lostEvents());
    json.writeNumberField("distinctStacks", t.distinctStacks());
    json.writeObjectFieldStart("bySpace");
    for (TotalsNumbers.SpaceNumbers space : t.bySpace()) {
      json.writeObjectFieldStart(space.space().label());
      json.writeNumberField("outstandingBytes", space.outstandingBytes());
      json.writeNumberField("outstandingCount", space.outstandingCount());
      json.writeEndObject();
    }
    json.writeEndObject();
    writeDegraded(json, t.degraded());
    json.writeEndObject();
  }

  private static void writeDegraded(JsonGenerator json, Degraded degraded) throws IOException {
    if (degraded != null) {
      json.writeObjectFieldStart("degraded");
      json.writeNumberField("lanes", degraded.lanes());
      writeNumber(json, "fromNanos", degraded.fromNanos());
      writeNumber(json, "toNanos", degraded.toNanos());
      json.writeNumberField("uncountedEvents", degraded.uncountedEvents());
      json.writeEndObject();
    }
  }

  private static void writeSelected(JsonGenerator json, IncarnationReport report)
      throws IOException {
    Selected selected = report.selected();
    json.writeObjectFieldStart("selected");
    json.writeNumberField("outstandingBytes", selected.outstandingBytes());
    json.writeNumberField("outstandingCount", selected.outstandingCount());
    json.writeNumberField("certainBytes", selected.certainBytes());
    json.writeNumberField("stacks", selected.stacks());
    json.writeEndObject();
  }

  /** All but its frames, which end the object. */
  private static void writeStack(
      JsonGenerator json,
      IncarnationReport report,
      StackNumbers stack,
      WhoFrees freeing,
      Long limitBytes)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("stackId", stack.key().stackId().toString());
    json.writeStringField("space", stack.key().space().label());
    json.writeNumberField("outstandingBytes", stack.outstandingBytes());
    json.writeNumberField("outstandingCount", stack.outstandingCount());
    json.writeNumberField("certainBytes", stack.certainBytes());
    json.writeNumberField("allocations", stack.allocations());
    json.writeNumberField("frees", stack.frees());
    json.writeNumberField("superseded", stack.superseded());
    json.writeNumberField("closedByExec", stack.closedByExec());
    writeNumber(json, "temporaryAllocations", stack.temporaryAllocations());
    json.writeNumberField("allocatedBytes", stack.allocatedBytes());
    writeNumber(json, "oldestNanos", Listed.oldestAgeNanos(report, stack));
    Verdict verdict = stack.verdict();
    JsonVerdicts.write(
        json,
        report,
        verdict,
        verdict == null ? null : freeing.evidence(verdict, List.of(stack)),
        limitBytes);
    writeFreedBy(json, stack.freedBy());
  }

  private static void writeFreedBy(JsonGenerator json, FreedBy freedBy) throws IOException {
    if (freedBy == null) {
      json.writeNullField("freedBy");
      return;
    }
    json.writeArrayFieldStart("freedBy");
    for (FreedBy.Releaser releaser : freedBy.stacks()) {
      writeReleaser(json, releaser.stackId().toString(), releaser.frees());
    }
    if (freedBy.otherFrees() > 0) {
      writeReleaser(json, OTHER_RELEASERS, freedBy.otherFrees());
    }
    json.writeEndArray();
  }

  private static void writeReleaser(JsonGenerator json, String stackId, long frees)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("stackId", stackId);
    json.writeNumberField("frees", frees);
    json.writeEndObject();
  }

  static void writeFrames(JsonGenerator json, StackId id, StackBook book) throws IOException {
    List<Frame> frames = book.frames(id);
    writeFrames(json, frames == null ? List.of() : frames);
  }

  static void writeFrames(JsonGenerator json, List<Frame> frames) throws IOException {
    json.writeArrayFieldStart("frames");
    for (Frame frame : frames) {
      json.writeStartObject();
      json.writeStringField("symbol", frame.getSymbol());
      writeNumber(json, "offset", frame.getOffset());
      json.writeStringField("module", frame.getModule());
      json.writeStringField("buildId", frame.getBuildId());
      json.writeStringField(
          "address",
          frame.getAddress() == null ? null : "0x" + Long.toHexString(frame.getAddress()));
      json.writeStringField("file", frame.getFile());
      writeNumber(json, "line", frame.getLine());
      json.writeBooleanField("inlined", frame.getInlined());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void writeInstant(JsonGenerator json, String name, Instant instant) throws IOException {
    json.writeStringField(name, instant == null ? null : instant.toString());
  }

  static void writeNumber(JsonGenerator json, String name, Number value) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, value.longValue());
    }
  }
}
