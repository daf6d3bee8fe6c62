package io.unfreed.server.api;

import io.unfreed.query.UsageException;
import io.unfreed.render.ChosenJson;
import io.unfreed.render.JsonReports;
import io.unfreed.render.Shape;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.Reading;
import io.unfreed.streams.report.IncarnationReport;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What {@code report --format json} prints, byte for byte. */
final class ReportAnswer {
  private ReportAnswer() {}

  static void write(Reading reading, Asked asked, Shape shape, OutputStream out) {
    PrintStream lines = new PrintStream(out, false, StandardCharsets.UTF_8);
    for (Reading.OfSession one : reading.sessions()) {
      List<IncarnationReport> reports = asked.ofTgid(one.reports());
      if (asked.blocks().isGiven()) {
        ChosenJson printer = new ChosenJson(lines, shape.top());
        reports.forEach(report ->
            printer.print(
                one.session(),
                one.chosen(asked.blocks(), report, reading.stacks()),
                one.marks(),
                reading.stacks()));
      } else {
        JsonReports printer = new JsonReports(lines, shape);
        printer.know(one.marks());
        printer.printAll(one.session(), reports, reading.stacks());
      }
    }
    lines.flush();
  }

  /** Refuses a process of which nothing was found. */
  static void checkProcess(Reading reading, Asked asked) {
    if (asked.tgid() != null
        && reading.sessions().stream().allMatch(one -> asked.ofTgid(one.reports()).isEmpty())) {
      throw new UsageException("--pid " + asked.tgid() + ": no such process in what was recorded");
    }
  }
}
