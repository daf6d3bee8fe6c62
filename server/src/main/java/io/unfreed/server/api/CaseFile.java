package io.unfreed.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.UsageException;
import io.unfreed.render.SessionJson;
import io.unfreed.render.Shape;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.Reading;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.answer.ShapesJson;
import io.unfreed.server.answer.TimelineJson;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The page with the answers to one question in it, as one file that asks nobody. Its policy names
 * the only script and the only style that may run by their hashes.
 */
public final class CaseFile {
  /** As many curves as the page draws beside leaks. */
  private static final int LEAKS = 40;

  /** As many stacks as a leak may be over: what it holds is what all of them hold. */
  private static final int STACKS = ReportRecords.STACKS_PER_REPORT;

  private static final int LINES = 8;

  private final Readings readings;
  private final Asked asked;

  /** A file of what is asked. */
  public CaseFile(Readings readings, Asked asked) {
    this.readings = readings;
    this.asked = asked;
  }

  /** Writes it. */
  public void write(OutputStream out) throws IOException {
    if (readings.traces().isTrace(asked.session())) {
      String answers = TraceCase.answers(readings.traces(), asked);
      out.write(page(answers).getBytes(StandardCharsets.UTF_8));
      return;
    }
    Reading blocks = readings.withShapes(asked);
    if (blocks.sessions().size() != 1) {
      throw new UsageException(
          blocks.sessions().size() + " sessions: export one of them, with --session");
    }
    ReportAnswer.checkProcess(blocks, asked);
    checkSayable();
    out.write(page(answers(blocks)).getBytes(StandardCharsets.UTF_8));
  }

  /** The page says one range and what of it, or one moment: nothing else may stand behind it. */
  private void checkSayable() {
    boolean isWindow = asked.blocks().born() != null || asked.blocks().freed() != null;
    if ((isWindow && asked.moment().at() != null)
        || (asked.blocks().born() != null && asked.blocks().freed() != null)) {
      throw new UsageException(
          "the page in a file says one of --at, --born and --freed; ask for one of them");
    }
    if (asked.blocks().function() != null
        || asked.blocks().module() != null
        || asked.moment().olderNanos() > 0
        || !asked.moment().sizes().isAll()) {
      throw new UsageException(
          "the page in a file shows all blocks of its moment: it takes neither --function,"
              + " --module, --older nor sizes");
    }
  }

  private String answers(Reading blocks) throws IOException {
    Reading.OfSession one = blocks.sessions().getFirst();
    Asked whole = Parameters.whole(asked.session());
    Asked moment = new Asked(asked.session(), asked.moment(), whole.blocks(), asked.tgid());
    Reading reports = readings.of(moment);
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      writeQuestion(json, one);
      json.writeStringField("sessions", SessionJson.line(one.session()) + "\n");
      json.writeStringField(
          "report",
          text(out ->
              ReportAnswer.write(reports, moment, new Shape(STACKS, Shape.Sort.leak, null), out)));
      json.writeFieldName("stacks");
      json.writeRawValue(text(out -> StacksJson.write(blocks, asked, out)));
      json.writeFieldName("histograms");
      json.writeRawValue(text(out -> ShapesJson.write(blocks, asked, out)));
      json.writeObjectFieldStart("timeline");
      if (one.session().getTimed()) {
        Reading all = readings.of(whole);
        for (String groupBy : List.of("process", "stack", "function", "module")) {
          json.writeFieldName(groupBy);
          json.writeRawValue(text(out -> TimelineJson.write(all, groupBy, LINES, out)));
        }
        json.writeFieldName("stack" + LEAKS);
        json.writeRawValue(text(out -> TimelineJson.write(all, "stack", LEAKS, out)));
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }

  private void writeQuestion(JsonGenerator json, Reading.OfSession one) throws IOException {
    BlockQuestion question = one.question();
    Window window = question.freed() == null ? question.born() : question.freed();
    Long at =
        one.reports().stream()
            .map(IncarnationReport::atNanos)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(null);
    boolean isWindow = !window.equals(Window.ALWAYS);
    Long to = window.toNanos() == Long.MAX_VALUE ? at : (Long) window.toNanos();
    json.writeObjectFieldStart("question");
    if (isWindow && to != null) {
      json.writeNumberField("from", Math.max(0, window.fromNanos()));
      json.writeNumberField("to", asked.moment().at() == null || at == null ? to : at);
      json.writeStringField(
          "show",
          question.freed() != null ? "freed" : asked.moment().at() == null ? "left" : "live");
    } else if (asked.moment().at() != null && at != null) {
      json.writeNumberField("to", at);
    }
    json.writeEndObject();
  }

  /** Writes a part of it. */
  interface Writer {
    /** Writes it. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** What is written. */
  static String text(Writer writer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String page(String answers) {
    String style = "\n" + text("style.css");
    String script = "\n" + script();
    String policy =
        "default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'"
            .formatted(hash(script), hash(style));
    return text("index.html")
        .replace("<link rel=\"icon\" href=\"icon.svg\">\n", "")
        .replace(
            "<meta charset=\"utf-8\">\n",
            "<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\""
                + policy
                + "\">\n")
        .replace("<link rel=\"stylesheet\" href=\"style.css\">", "<style>" + style + "</style>")
        .replace(
            "<script type=\"module\" src=\"app.js\"></script>",
            "<script type=\"application/json\" id=\"case\">"
                + harmless(answers)
                + "</script>\n<script type=\"module\">"
                + script
                + "</script>");
  }

  /** In a text of JSON another way to write the same, and no way out of the element. */
  private static String harmless(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  /** The modules as one: their names differ, and each stands behind those that it imports. */
  private static String script() {
    StringBuilder all = new StringBuilder();
    for (String name : PageFiles.SCRIPTS) {
      text(name)
          .lines()
          .filter(line -> !line.startsWith("import "))
          .map(line -> line.startsWith("export ") ? line.substring("export ".length()) : line)
          .forEach(line -> all.append(line).append('\n'));
    }
    return all.toString();
  }

  private static String text(String name) {
    return new String(PageFiles.read(name), StandardCharsets.UTF_8);
  }

  private static String hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
