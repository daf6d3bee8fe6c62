package io.unfreed.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The named moments of a report. One without any says nothing of them. */
final class MarkList {
  private MarkList() {}

  /** Those of the report's incarnation up to its moment. */
  static List<Mark> of(IncarnationReport report, Collection<Mark> marks) {
    String key = LaneKey.incarnationKey(report.session(), report.incarnation());
    return marks.stream()
        .filter(mark -> mark.incarnationKey().equals(key))
        .filter(mark -> report.atNanos() == null || mark.atNanos() <= report.atNanos())
        .toList();
  }

  static void write(JsonGenerator json, Session session, List<Mark> marks) throws IOException {
    if (marks.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("marks");
    for (Mark mark : marks) {
      Long atNanos = session.getTimed() ? mark.atNanos() : null;
      json.writeStartObject();
      json.writeStringField("label", mark.label());
      JsonReports.writeNumber(json, "sinceStartNanos", atNanos);
      JsonReports.writeInstant(json, "time", Moments.wallClock(session, atNanos));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void print(PrintStream out, Session session, List<Mark> marks, int top) {
    int listed = top == 0 ? marks.size() : Math.min(top, marks.size());
    for (Mark mark : marks.subList(0, listed)) {
      String since =
          session.getTimed() ? String.format(Locale.ROOT, "+%.3fs", mark.atNanos() / 1e9) : "?";
      out.printf("    mark %s: %s%n", since, Printable.of(mark.label()));
    }
    if (listed < marks.size()) {
      out.printf("    %d more marks: --top 0 lists all%n", marks.size() - listed);
    }
  }
}
