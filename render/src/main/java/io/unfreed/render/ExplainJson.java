package io.unfreed.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.StackBook;
import io.unfreed.query.TimeToLimit;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.explain.ChangePoint;
import io.unfreed.streams.explain.Period;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.explain.SurvivalCurve;
import io.unfreed.streams.lane.StackNumbers;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/** An explanation as one line of JSON, schema {@code unfreed.explain/1} (docs/contract.md). */
public final class ExplainJson {
  private static final String SCHEMA = "unfreed.explain/1";

  private ExplainJson() {}

  /** Prints it. */
  public static void print(PrintStream out, Explanation e, StackBook book) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      JsonReports.writeSession(json, e.session());
      JsonReports.writeProcess(json, e.stacks().report());
      JsonReports.writeAt(json, e.session(), e.stacks().report());
      json.writeStringField(
          "frame", e.stacks().frame() == null ? null : e.stacks().frame().getSymbol());
      JsonVerdicts.write(
          json,
          e.stacks().report(),
          e.stacks().verdict(),
          e.evidence(book),
          TimeToLimit.limit(e.session()));
      writeBlocks(json, e.survey());
      writeSince(json, e.since(), e.survey());
      writePeriod(json, "bornEvery", e.bornEvery());
      writePeriod(json, "staysEvery", e.staysEvery());
      writeSurvival(json, e);
      writeTallies(json, "sizes", "sizeBytes", e.survey().sizes());
      writeTallies(json, "threads", "tid", e.survey().threads());
      writeFreedBy(json, e, book);
      writeStacks(json, e, book);
      json.writeEndObject();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    out.println(Printable.ofJson(line.toString()));
  }

  private static void writeBlocks(JsonGenerator json, Survey survey) throws IOException {
    json.writeObjectFieldStart("blocks");
    json.writeNumberField("born", survey.sums().born());
    json.writeNumberField("bornBytes", survey.sums().bornBytes());
    json.writeNumberField("freed", survey.sums().freed());
    json.writeNumberField("stay", survey.sums().stay());
    json.writeNumberField("stayBytes", survey.sums().stayBytes());
    json.writeEndObject();
    json.writeObjectFieldStart("slots");
    json.writeNumberField("lengthNanos", survey.slotNanos());
    json.writeFieldName("born");
    json.writeArray(survey.born(), 0, survey.born().length);
    json.writeFieldName("stay");
    json.writeArray(survey.stay(), 0, survey.stay().length);
    json.writeEndObject();
  }

  private static void writeSince(JsonGenerator json, ChangePoint since, Survey survey)
      throws IOException {
    if (since == null) {
      json.writeNullField("since");
      return;
    }
    json.writeObjectFieldStart("since");
    json.writeNumberField("sinceStartNanos", since.slot() * survey.slotNanos());
    if (since.before() == null) {
      json.writeNullField("shareBefore");
    } else {
      json.writeNumberField("shareBefore", since.before());
    }
    json.writeNumberField("shareAfter", since.after());
    json.writeEndObject();
  }

  private static void writePeriod(JsonGenerator json, String name, Period period)
      throws IOException {
    if (period == null) {
      json.writeNullField(name);
      return;
    }
    json.writeObjectFieldStart(name);
    json.writeNumberField("everyNanos", period.everyNanos());
    json.writeNumberField("blocks", period.blocks());
    json.writeEndObject();
  }

  private static void writeSurvival(JsonGenerator json, Explanation e) throws IOException {
    json.writeArrayFieldStart("survival");
    for (SurvivalCurve.Point point : e.survival()) {
      json.writeStartObject();
      json.writeNumberField("ageNanos", point.ageNanos());
      json.writeNumberField("reached", point.reached());
      json.writeNumberField("freed", point.freed());
      json.writeNumberField("share", point.share());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeTallies(
      JsonGenerator json, String name, String kind, Map<Long, Survey.Tally> tallies)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Map.Entry<Long, Survey.Tally> tally : tallies.entrySet()) {
      json.writeStartObject();
      json.writeNumberField(kind, tally.getKey());
      json.writeNumberField("born", tally.getValue().born());
      json.writeNumberField("stay", tally.getValue().stay());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeFreedBy(JsonGenerator json, Explanation e, StackBook book)
      throws IOException {
    if (e.freedBy() == null) {
      json.writeNullField("freedBy");
      return;
    }
    json.writeArrayFieldStart("freedBy");
    for (Map.Entry<StackId, Long> releaser : e.freedBy()) {
      json.writeStartObject();
      json.writeStringField("stackId", releaser.getKey().toString());
      json.writeNumberField("frees", releaser.getValue());
      JsonReports.writeFrames(json, releaser.getKey(), book);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeStacks(JsonGenerator json, Explanation e, StackBook book)
      throws IOException {
    json.writeArrayFieldStart("stacks");
    for (StackNumbers stack : e.stacks().stacks()) {
      json.writeStartObject();
      json.writeStringField("stackId", stack.key().stackId().toString());
      json.writeStringField("space", stack.key().space().label());
      json.writeNumberField("outstandingBytes", stack.outstandingBytes());
      json.writeNumberField("outstandingCount", stack.outstandingCount());
      JsonReports.writeFrames(json, stack.key().stackId(), book);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
