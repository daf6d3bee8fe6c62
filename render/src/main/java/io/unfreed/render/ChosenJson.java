package io.unfreed.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.BlockGroup;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.GroupBy;
import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.Window;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;

/** One line of JSON per incarnation (docs/contract.md, section 7). */
public final class ChosenJson implements ChosenPrinter {
  private final JsonFactory factory = new JsonFactory();
  private final PrintStream out;
  private final int top;

  /** Prints to {@code out}, listing {@code top} groups, 0 for all. */
  public ChosenJson(PrintStream out, int top) {
    this.out = out;
    this.top = top;
  }

  @Override
  public void print(
      Session session, ChosenBlocks chosen, Collection<Mark> marks, StackBook stacks) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("schema", JsonReports.SCHEMA);
      JsonReports.writeSession(json, session);
      JsonReports.writeProcess(json, chosen.report());
      JsonReports.writeAt(json, session, chosen.report());
      JsonReports.writeTotals(json, chosen.report());
      writeQuestion(json, chosen);
      boolean byStack = chosen.groupBy().kind() == GroupBy.Kind.STACK;
      String list = byStack ? "stacks" : "groups";
      json.writeObjectFieldStart("selected");
      writeNumbers(json, chosen, chosen.all());
      json.writeNumberField(list, chosen.groups().size());
      json.writeEndObject();
      json.writeArrayFieldStart(list);
      for (BlockGroup group : listed(chosen, top)) {
        json.writeStartObject();
        writeName(json, chosen.groupBy(), group.name(), chosen);
        writeNumbers(json, chosen, group.numbers());
        writeOldest(json, chosen, group.numbers());
        writeStack(json, group.name(), stacks);
        json.writeEndObject();
      }
      json.writeEndArray();
      MarkList.write(json, session, MarkList.of(chosen.report(), marks));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println(Printable.ofJson(line.toString()));
  }

  @Override
  public void end(Session session) {}

  static List<BlockGroup> listed(ChosenBlocks chosen, int top) {
    List<BlockGroup> groups = chosen.groups();
    return top == 0 || top >= groups.size() ? groups : groups.subList(0, top);
  }

  private static void writeQuestion(JsonGenerator json, ChosenBlocks chosen) throws IOException {
    json.writeObjectFieldStart("question");
    writeWindow(json, "born", chosen.question().born());
    writeWindow(json, "freed", chosen.question().freed());
    json.writeStringField("groupBy", chosen.groupBy().label());
    json.writeEndObject();
  }

  private static void writeWindow(JsonGenerator json, String name, Window window)
      throws IOException {
    if (window == null) {
      json.writeNullField(name);
      return;
    }
    json.writeObjectFieldStart(name);
    JsonReports.writeNumber(
        json, "fromNanos", window.fromNanos() == Long.MIN_VALUE ? null : window.fromNanos());
    JsonReports.writeNumber(
        json, "toNanos", window.toNanos() == Long.MAX_VALUE ? null : window.toNanos());
    json.writeEndObject();
  }

  private static void writeNumbers(JsonGenerator json, ChosenBlocks chosen, BlockNumbers n)
      throws IOException {
    boolean freed = chosen.isOfFreed();
    JsonReports.writeNumber(json, "outstandingBytes", freed ? null : n.counts().outstandingBytes());
    JsonReports.writeNumber(json, "outstandingCount", freed ? null : n.counts().outstandingCount());
    JsonReports.writeNumber(json, "certainBytes", freed ? null : n.counts().certainBytes());
    JsonReports.writeNumber(json, "freedBytes", freed ? n.freedBytes() : null);
    JsonReports.writeNumber(json, "freedCount", freed ? n.freedCount() : null);
    json.writeNumberField("allocations", n.counts().allocations());
    json.writeNumberField("frees", n.counts().frees());
    json.writeNumberField("superseded", n.counts().superseded());
    json.writeNumberField("closedByExec", n.counts().closedByExec());
    json.writeNumberField("allocatedBytes", n.counts().allocatedBytes());
  }

  private static void writeOldest(JsonGenerator json, ChosenBlocks chosen, BlockNumbers n)
      throws IOException {
    Long atNanos = chosen.report().atNanos();
    JsonReports.writeNumber(
        json,
        "oldestNanos",
        atNanos == null || n.oldestTimeNanos() == null
            ? null
            : Math.max(0, atNanos - n.oldestTimeNanos()));
  }

  /**
   * @param chosen of which process; null where several are compared
   */
  static void writeName(
      JsonGenerator json, GroupBy groupBy, BlockGroup.Name name, ChosenBlocks chosen)
      throws IOException {
    switch (name) {
      case BlockGroup.Stack stack -> {
        StackKey key = stack.key().stack();
        json.writeStringField("stackId", key.stackId().toString());
        json.writeStringField("space", key.space().label());
      }
      case BlockGroup.FreeStack stack -> {
        StackId id = stack.key().releaser();
        json.writeStringField("freeStackId", id == null ? null : id.toString());
      }
      case BlockGroup.Function function -> {
        json.writeStringField("function", function.symbol());
        json.writeStringField("module", function.module());
        json.writeStringField("address", function.address());
      }
      case BlockGroup.Text text when chosen != null && groupBy.kind() == GroupBy.Kind.PROCESS -> {
        json.writeStringField("incarnation", text.text());
        JsonReports.writeNumber(json, "tgid", chosen.report().process().getTgid());
        json.writeStringField("command", chosen.report().process().getCommand());
      }
      case BlockGroup.Text text -> json.writeStringField(groupBy.label(), text.text());
      case BlockGroup.Numbered number ->
          json.writeNumberField(
              groupBy.kind() == GroupBy.Kind.SIZE ? "sizeBytes" : "tid", number.number());
    }
  }

  private static void writeStack(JsonGenerator json, BlockGroup.Name name, StackBook stacks)
      throws IOException {
    switch (name) {
      case BlockGroup.Stack stack ->
          JsonReports.writeFrames(json, stack.key().stack().stackId(), stacks);
      case BlockGroup.FreeStack stack when stack.key().releaser() != null ->
          JsonReports.writeFrames(json, stack.key().releaser(), stacks);
      case BlockGroup.FreeStack _,
          BlockGroup.Function _,
          BlockGroup.Text _,
          BlockGroup.Numbered _ -> {}
    }
  }
}
