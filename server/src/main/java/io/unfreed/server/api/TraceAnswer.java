package io.unfreed.server.api;

import io.unfreed.query.AskedMoment;
import io.unfreed.query.StackBook;
import io.unfreed.query.UsageException;
import io.unfreed.query.WindowText;
import io.unfreed.render.trace.TraceJson;
import io.unfreed.render.trace.TraceReport;
import io.unfreed.render.trace.TraceShape;
import io.unfreed.render.trace.TraceStretchJson;
import io.unfreed.render.trace.TraceTimelineJson;
import io.unfreed.schemas.wire.TraceRules;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.answer.TraceReading;
import io.unfreed.server.answer.TraceReadings.TraceRows;
import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import io.unfreed.streams.trace.TraceStretch;
import io.unfreed.streams.trace.TraceView;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * What {@code report --format json} prints of a recorded trace, byte for byte; what happened in a
 * stretch of it, and over time.
 */
final class TraceAnswer {
  private TraceAnswer() {}

  static Reply of(Readings readings, Request request) throws IOException {
    request.allow(Set.of("session", "at", "interval", "during", "pid", "top"));
    AskedMoment moment = Parameters.asked(request).moment();
    Integer tgid = Parameters.number(request, "pid");
    TraceShape shape = new TraceShape(Parameters.number(request, "top"));
    String during = request.get("during");
    if (during == null) {
      TraceReading reading = readings.traces().of(request.get("session"), moment);
      checkProcess(reading, tgid);
      return new Reply(Reply.JSON_LINES, out -> write(reading, tgid, shape, out));
    }
    WindowText.of("--during", during).check();
    if (moment.at() != null || moment.intervalNanos() != null) {
      throw new UsageException("--during goes with neither --at nor --interval");
    }
    TraceReading reading = readings.traces().during(request.get("session"), during);
    return new Reply(Reply.JSON_LINES, out -> writeStretches(reading, tgid, shape, out));
  }

  static Reply timeline(Readings readings, Request request) throws IOException {
    request.allow(Set.of("session", "pid", "row"));
    TraceRows rows = new TraceRows(Parameters.number(request, "pid"), request.get("row"));
    TraceReading.OfTrace one = readings.traces().timeline(request.get("session"), rows).only();
    return new Reply(Reply.JSON, out -> writeTimeline(one, out));
  }

  /** Refuses a process of which nothing was counted, as the command does. */
  private static void checkProcess(TraceReading reading, Integer tgid) {
    boolean[] isFound = {tgid == null};
    for (TraceReading.OfTrace one : reading.traces()) {
      if (!isFound[0]) {
        one.book().eachView(view -> isFound[0] |= !view.of(tgid).rows().isEmpty());
      }
    }
    if (!isFound[0]) {
      throw new UsageException("--pid " + tgid + ": no such process in what was recorded");
    }
  }

  private static void write(
      TraceReading reading, Integer tgid, TraceShape shape, OutputStream out) {
    PrintStream lines = new PrintStream(out, false, StandardCharsets.UTF_8);
    TraceJson printer = new TraceJson(lines, shape);
    for (TraceReading.OfTrace one : reading.traces()) {
      one.book()
          .eachView(whole -> {
            TraceView view = tgid == null ? whole : whole.of(tgid);
            if (tgid == null || !view.rows().isEmpty()) {
              printer.print(report(one, view, reading.stacks()));
            }
          });
    }
    lines.flush();
  }

  static void writeStretches(
      TraceReading reading, Integer tgid, TraceShape shape, OutputStream out) {
    PrintStream lines = new PrintStream(out, false, StandardCharsets.UTF_8);
    TraceStretchJson printer = new TraceStretchJson(lines, shape);
    for (TraceReading.OfTrace one : reading.traces()) {
      if (one.stretch() != null) {
        TraceStretch stretch = tgid == null ? one.stretch() : one.stretch().of(tgid);
        printer.print(report(one, stretch.view(), reading.stacks()), stretch);
      }
    }
    lines.flush();
  }

  static void writeTimeline(TraceReading.OfTrace one, OutputStream out) throws IOException {
    TraceTimelineJson.write(
        one.session().getSessionId(),
        TraceRules.tracer(one.session()).orElseThrow(),
        one.slots(),
        out);
  }

  private static TraceReport report(TraceReading.OfTrace one, TraceView view, StackBook stacks) {
    return new TraceReport(one.session(), view, stacks::frames);
  }
}
