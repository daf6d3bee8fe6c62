package io.unfreed.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.BlockGroup;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.StackBook;
import io.unfreed.query.WhoFrees;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.Reading;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Verdict;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All stacks of a question with their frames, each frame once: what a flame graph is drawn of.
 * Schema {@code unfreed.stacks/1}, one object.
 */
final class StacksJson {
  private static final String SCHEMA = "unfreed.stacks/1";

  private final Map<Frame, Integer> numbers = new HashMap<>();
  private final List<Frame> frames = new ArrayList<>();
  private final StackBook book;

  private StacksJson(StackBook book) {
    this.book = book;
  }

  static void write(Reading reading, Asked asked, OutputStream out) throws IOException {
    StacksJson stacks = new StacksJson(reading.stacks());
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      json.writeBooleanField(
          "ofFreed", reading.sessions().stream().anyMatch(one -> one.question().freed() != null));
      List<IncarnationReport> processes = new ArrayList<>();
      json.writeArrayFieldStart("stacks");
      for (Reading.OfSession one : reading.sessions()) {
        for (IncarnationReport report : asked.ofTgid(one.reports())) {
          stacks.write(
              json,
              new OfProcess(report, processes.size(), isWhole(one.question())),
              one.whole(asked.blocks(), report, reading.stacks()));
          processes.add(report);
        }
      }
      json.writeEndArray();
      writeProcesses(json, processes);
      stacks.writeFrames(json);
      json.writeEndObject();
    }
  }

  /**
   * One process.
   *
   * @param withTemporary its stacks' temporary allocations are those that are asked for
   */
  private record OfProcess(IncarnationReport report, int number, boolean withTemporary) {}

  /** Of blocks that are chosen it is not known which were temporary. */
  private static boolean isWhole(BlockQuestion question) {
    return question.born().equals(Window.ALWAYS)
        && question.freed() == null
        && question.sizes().isAll();
  }

  private void write(JsonGenerator json, OfProcess process, ChosenBlocks chosen)
      throws IOException {
    IncarnationReport report = process.report();
    Map<StackKey, StackNumbers> judged = new HashMap<>();
    report.stacks().forEach(stack -> judged.put(stack.key(), stack));
    Map<StackKey, StackNumbers> freed = new HashMap<>();
    report.temporary().forEach(stack -> freed.put(stack.key(), stack));
    boolean isKnown = process.withTemporary() && report.totals().temporaryAllocations() != null;
    WhoFrees freeing = new WhoFrees(report, book);
    for (BlockGroup group : chosen.groups()) {
      if (group.name() instanceof BlockGroup.Stack(var key)) {
        json.writeStartObject();
        json.writeNumberField("process", process.number());
        json.writeStringField("stackId", key.stack().stackId().toString());
        json.writeStringField("space", key.stack().space().label());
        writeNumbers(json, report, group.numbers());
        StackNumbers known = judged.getOrDefault(key.stack(), freed.get(key.stack()));
        if (isKnown && (known == null || known.temporaryAllocations() != null)) {
          json.writeNumberField("temporary", known == null ? 0 : known.temporaryAllocations());
        } else {
          json.writeNullField("temporary");
        }
        writeVerdict(json, judged.get(key.stack()), freeing);
        json.writeArrayFieldStart("frames");
        for (Frame frame : frames(key.stack().stackId())) {
          json.writeNumber(number(frame));
        }
        json.writeEndArray();
        json.writeEndObject();
      }
    }
  }

  private static void writeNumbers(JsonGenerator json, IncarnationReport report, BlockNumbers n)
      throws IOException {
    json.writeNumberField("bytes", n.chosenBytes());
    json.writeNumberField("count", n.chosenCount());
    json.writeNumberField("certainBytes", n.counts().certainBytes());
    json.writeNumberField("allocations", n.counts().allocations());
    json.writeNumberField("allocatedBytes", n.counts().allocatedBytes());
    json.writeNumberField("frees", n.counts().frees());
    if (report.atNanos() == null || n.oldestTimeNanos() == null) {
      json.writeNullField("oldestNanos");
    } else {
      json.writeNumberField("oldestNanos", Math.max(0, report.atNanos() - n.oldestTimeNanos()));
    }
  }

  private static void writeVerdict(JsonGenerator json, StackNumbers stack, WhoFrees freeing)
      throws IOException {
    Verdict verdict = stack == null ? null : stack.verdict();
    if (verdict == null) {
      json.writeNullField("verdict");
      return;
    }
    json.writeObjectFieldStart("verdict");
    json.writeStringField("class", verdict.kind());
    if (verdict.confidence() == null) {
      json.writeNullField("confidence");
    } else {
      json.writeNumberField("confidence", verdict.confidence());
    }
    json.writeStringField("evidence", freeing.evidence(verdict, List.of(stack)));
    json.writeEndObject();
  }

  private List<Frame> frames(StackId id) {
    List<Frame> known = book.frames(id);
    if (known != null && !known.isEmpty()) {
      return known;
    }
    String name = id.equals(StackId.UNKNOWN) ? "unknown (lost)" : "stack " + id;
    return List.of(Frame.newBuilder().setSymbol(name).build());
  }

  private int number(Frame frame) {
    return numbers.computeIfAbsent(
        frame,
        one -> {
          frames.add(one);
          return frames.size() - 1;
        });
  }

  private static void writeProcesses(JsonGenerator json, List<IncarnationReport> reports)
      throws IOException {
    json.writeArrayFieldStart("processes");
    for (IncarnationReport report : reports) {
      json.writeStartObject();
      json.writeStringField("session", report.session());
      json.writeStringField("incarnation", report.incarnation());
      if (report.process().getTgid() == null) {
        json.writeNullField("tgid");
      } else {
        json.writeNumberField("tgid", report.process().getTgid());
      }
      json.writeStringField("command", report.process().getCommand());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeFrames(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("frames");
    for (Frame frame : frames) {
      json.writeStartObject();
      json.writeStringField("symbol", frame.getSymbol());
      json.writeStringField("module", frame.getModule());
      if (frame.getAddress() != null) {
        json.writeStringField("address", "0x" + Long.toHexString(frame.getAddress()));
      }
      if (frame.getFile() != null) {
        json.writeStringField("file", frame.getFile());
      }
      if (frame.getLine() != null) {
        json.writeNumberField("line", frame.getLine());
      }
      if (frame.getInlined()) {
        json.writeBooleanField("inlined", true);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
