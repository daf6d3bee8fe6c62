package io.unfreed.server.answer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.AskedMoment;
import io.unfreed.query.StackBook;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A session over time: of each slot what happened in it, and what was outstanding at its end.
 * Schema {@code unfreed.timeline/1}, one object. Behind {@code exactNanos} it is known at moments
 * only, and what changed between them is spread evenly ({@link Timeline}). Of a process whose
 * address spaces overlap, the kernel, bytes and blocks are not added up.
 */
public final class TimelineJson {
  /** What lines are told apart by. */
  public static final Set<String> GROUPS = Set.of("process", "stack", "function", "module");

  private static final String SCHEMA = "unfreed.timeline/1";

  /** The line of stacks that were too small, or too many, to be followed each. */
  static final String SHARED = "(small stacks)";

  private record Line(String name, StackKey key, Timeline.Lines sums) {
    /** How much of the picture it takes. */
    double area() {
      return Arrays.stream(sums.bytes).asDoubleStream().sum();
    }
  }

  private TimelineJson() {}

  /**
   * Writes the timeline of one session.
   *
   * @param groupBy one of {@link #GROUPS}
   * @param top lines beside the one that has all the others
   */
  public static void write(Reading reading, String groupBy, int top, OutputStream out)
      throws IOException {
    if (reading.sessions().size() != 1) {
      throw new UsageException(
          reading.sessions().size() + " sessions, a timeline shows one: name it by --session");
    }
    Reading.OfSession of = reading.sessions().getFirst();
    if (!of.session().getTimed()) {
      AskedMoment.refuseUntimed("timeline", true);
    }
    Timeline timeline = of.timeline();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      json.writeStringField("session", of.session().getSessionId());
      json.writeNumberField("slotNanos", timeline.widthNanos());
      json.writeNumberField("slots", timeline.slots());
      json.writeNumberField("lastNanos", timeline.lastNanos());
      json.writeNumberField("exactNanos", timeline.exactNanos());
      boolean isAdded = of.reports().stream().noneMatch(IncarnationReport::kernel);
      Timeline.Lines all = new Timeline.Lines(timeline.slots());
      timeline.processes().values().forEach(process -> process.addTo(all));
      System.arraycopy(timeline.lost(), 0, all.lost, 0, timeline.slots());
      json.writeObjectFieldStart("all");
      writeLines(json, all.outstanding(), true, isAdded);
      json.writeEndObject();
      json.writeStringField("groupBy", groupBy);
      writeGroups(
          json,
          groups(of, reading.stacks(), groupBy),
          top,
          timeline.slots(),
          groupBy,
          isAdded || groupBy.equals("stack"));
      writeMarks(json, of.marks());
      json.writeEndObject();
    }
  }

  private static void writeGroups(
      JsonGenerator json, List<Line> lines, int top, int slots, String groupBy, boolean isAdded)
      throws IOException {
    boolean ofProcess = groupBy.equals("process");
    lines.sort(Comparator.comparingDouble(Line::area).reversed().thenComparing(Line::name));
    json.writeArrayFieldStart("groups");
    int listed = top == 0 ? lines.size() : Math.min(top, lines.size());
    for (Line line : lines.subList(0, listed)) {
      json.writeStartObject();
      json.writeStringField("name", line.name());
      if (line.key() != null) {
        json.writeStringField("stackId", line.key().stackId().toString());
        json.writeStringField("space", line.key().space().label());
      }
      writeLines(json, line.sums(), ofProcess, isAdded);
      json.writeEndObject();
    }
    json.writeEndArray();
    Timeline.Lines others = new Timeline.Lines(slots, ofProcess);
    for (Line line : lines.subList(listed, lines.size())) {
      add(others.bytes, line.sums().bytes);
      add(others.count, line.sums().count);
      add(others.allocations, line.sums().allocations);
      add(others.frees, line.sums().frees);
      add(others.allocatedBytes, line.sums().allocatedBytes);
      add(others.lost, line.sums().lost);
    }
    json.writeObjectFieldStart("others");
    json.writeNumberField("groups", lines.size() - listed);
    writeLines(json, others, ofProcess, isAdded);
    json.writeEndObject();
  }

  private static void add(long[] to, long[] more) {
    Arrays.setAll(to, i -> to[i] + more[i]);
  }

  private static List<Line> groups(Reading.OfSession of, StackBook stacks, String groupBy) {
    return groupBy.equals("process") ? byProcess(of) : byStack(of.timeline(), stacks, groupBy);
  }

  private static List<Line> byProcess(Reading.OfSession of) {
    Map<String, IncarnationReport> reports = new HashMap<>();
    of.reports()
        .forEach(report ->
            reports.put(LaneKey.incarnationKey(report.session(), report.incarnation()), report));
    List<Line> lines = new ArrayList<>();
    of.timeline()
        .processes()
        .forEach((key, process) -> {
          Timeline.Lines sums = new Timeline.Lines(of.timeline().slots());
          process.addTo(sums);
          lines.add(new Line(name(key, reports.get(key)), null, sums.outstanding()));
        });
    return lines;
  }

  private static String name(String key, IncarnationReport report) {
    if (report == null) {
      return key;
    }
    String command = report.process().getCommand();
    Integer tgid = report.process().getTgid();
    String name = command == null ? report.incarnation() : command;
    return tgid == null ? name : tgid + " " + name;
  }

  private static List<Line> byStack(Timeline timeline, StackBook stacks, String groupBy) {
    Map<Object, Line> lines = new HashMap<>();
    timeline
        .stacks()
        .forEach((key, stack) -> {
          List<Frame> frames = key == null ? null : stacks.frames(key.stackId());
          Frame frame = frames == null || frames.isEmpty() ? null : frames.getFirst();
          String name = key == null ? SHARED : name(frame, groupBy);
          boolean isStack = groupBy.equals("stack") && key != null;
          Line line =
              lines.computeIfAbsent(
                  isStack ? key : name,
                  k ->
                      new Line(
                          name, isStack ? key : null, new Timeline.Lines(timeline.slots(), false)));
          stack.addTo(line.sums());
        });
    lines.values().forEach(line -> line.sums().outstanding());
    return new ArrayList<>(lines.values());
  }

  private static String name(Frame frame, String groupBy) {
    if (frame == null) {
      return "unknown";
    }
    String module = frame.getModule() == null ? "unknown" : frame.getModule();
    if (groupBy.equals("module")) {
      return module;
    }
    if (frame.getSymbol() != null) {
      return frame.getSymbol();
    }
    return frame.getAddress() == null
        ? module
        : module.substring(module.lastIndexOf('/') + 1)
            + "+0x"
            + Long.toHexString(frame.getAddress());
  }

  private static void writeLines(
      JsonGenerator json, Timeline.Lines lines, boolean withRates, boolean isAdded)
      throws IOException {
    if (isAdded) {
      write(json, "bytes", lines.bytes);
      write(json, "count", lines.count);
    } else {
      json.writeNullField("bytes");
      json.writeNullField("count");
    }
    if (withRates) {
      write(json, "allocations", lines.allocations);
      write(json, "frees", lines.frees);
      write(json, "allocatedBytes", lines.allocatedBytes);
      write(json, "lost", lines.lost);
    }
  }

  private static void write(JsonGenerator json, String name, long[] numbers) throws IOException {
    json.writeFieldName(name);
    json.writeArray(numbers, 0, numbers.length);
  }

  private static void writeMarks(JsonGenerator json, List<Mark> marks) throws IOException {
    json.writeArrayFieldStart("marks");
    for (Mark mark : marks) {
      json.writeStartObject();
      json.writeStringField("label", mark.label());
      json.writeNumberField("sinceStartNanos", mark.atNanos());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
