package io.unfreed.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.BlockDiff;
import io.unfreed.query.BlockDiff.Amount;
import io.unfreed.schemas.text.Printable;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * A comparison as one line of JSON, schema {@code unfreed.diff/1} (docs/contract.md, section 7).
 */
public final class DiffJson {
  private static final String SCHEMA = "unfreed.diff/1";

  private DiffJson() {}

  /** Prints it, listing {@code top} groups, 0 for all. */
  public static void print(PrintStream out, DiffReport report, int top) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      writeSide(json, "before", report.before(), report.diff().before());
      writeSide(json, "after", report.after(), report.diff().after());
      json.writeStringField("groupBy", report.groupBy().label());
      json.writeStringField(
          "per",
          report.per() == DiffReport.Per.NOTHING
              ? null
              : report.per().name().toLowerCase(Locale.ROOT));
      json.writeObjectFieldStart("change");
      writeChange(json, report, report.diff().before(), report.diff().after());
      for (BlockDiff.Change change : BlockDiff.Change.values()) {
        json.writeNumberField(
            change.label(),
            report.diff().entries().stream().filter(e -> e.change() == change).count());
      }
      json.writeEndObject();
      json.writeArrayFieldStart("entries");
      for (BlockDiff.Entry entry : listed(report, top)) {
        json.writeStartObject();
        json.writeStringField("change", entry.change().label());
        ChosenJson.writeName(json, report.groupBy(), entry.name(), null);
        json.writeObjectFieldStart("before");
        writeAmount(json, entry.before());
        json.writeEndObject();
        json.writeObjectFieldStart("after");
        writeAmount(json, entry.after());
        json.writeEndObject();
        writeChange(json, report, entry.before(), entry.after());
        if (entry.frames() != null) {
          JsonReports.writeFrames(json, entry.frames());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println(Printable.ofJson(line.toString()));
  }

  static List<BlockDiff.Entry> listed(DiffReport report, int top) {
    List<BlockDiff.Entry> entries = report.diff().entries();
    return top == 0 || top >= entries.size() ? entries : entries.subList(0, top);
  }

  private static void writeSide(
      JsonGenerator json, String name, DiffReport.Side side, Amount amount) throws IOException {
    json.writeObjectFieldStart(name);
    JsonReports.writeSession(json, side.session());
    json.writeObjectFieldStart("at");
    JsonReports.writeNumber(json, "sinceStartNanos", side.atNanos());
    JsonReports.writeInstant(json, "time", Moments.wallClock(side.session(), side.atNanos()));
    json.writeEndObject();
    json.writeNumberField("processes", side.processes().size());
    writeAmount(json, amount);
    json.writeEndObject();
  }

  private static void writeAmount(JsonGenerator json, Amount amount) throws IOException {
    json.writeNumberField("bytes", amount.bytes());
    json.writeNumberField("count", amount.count());
    json.writeNumberField("allocations", amount.allocations());
  }

  private static void writeChange(
      JsonGenerator json, DiffReport report, Amount before, Amount after) throws IOException {
    json.writeNumberField("bytes", after.bytes() - before.bytes());
    json.writeNumberField("count", after.count() - before.count());
    if (report.per() != DiffReport.Per.NOTHING) {
      Double rate = report.growth(before.bytes(), after.bytes());
      if (rate == null) {
        json.writeNullField("bytesPer");
      } else {
        json.writeNumberField("bytesPer", rate);
      }
    }
  }
}
