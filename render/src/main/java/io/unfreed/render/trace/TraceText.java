package io.unfreed.render.trace;

import io.unfreed.bpf.trace.CallNames;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceError;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.trace.LatencyHistogram;
import java.io.PrintStream;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** For people; histograms as bcc prints them. */
public final class TraceText implements TracePrinter {
  private static final int BAR = 40;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  private final PrintStream out;
  private final TraceShape shape;

  public TraceText(PrintStream out, TraceShape shape) {
    this.out = out;
    this.shape = shape;
  }

  @Override
  public void print(TraceReport report) {
    switch (report.view().tracer()) {
      case TraceRows.SYSCALLS -> calls(report);
      case TraceRows.LOCKS -> locks(report);
      case TraceRows.IO -> io(report);
      case TraceRows.MEMORY -> memory(report);
      default -> head(report, "A tracer that is not known here", 0);
    }
    slow(report);
    loss(report.view().head());
    out.flush();
  }

  private void head(TraceReport report, String what, int rows) {
    out.printf(
        Locale.ROOT,
        "[%s] %s in %.1f s%s:%n",
        report.at() == null ? "?" : TIME.format(report.at()),
        what,
        report.view().atNanos() / 1e9,
        rows > shape.limit(report.view().tracer())
            ? ", the first " + shape.rows(report.view().tracer()) + " of " + rows
            : "");
  }

  private <T> List<T> top(TraceReport report, List<T> rows) {
    return rows.subList(0, Math.min(rows.size(), shape.limit(report.view().tracer())));
  }

  private static String process(String comm, int tgid) {
    return Printable.of(comm) + " (" + tgid + ")";
  }

  private void calls(TraceReport report) {
    List<TraceRow> rows = TraceRows.byTotal(report.view());
    head(report, "System calls, p50 to p99 interpolated in log2 buckets,", rows.size());
    for (TraceRow row : top(report, rows)) {
      out.printf(
          "        %s  %s%n",
          process(row.getComm(), row.getTgid()), CallNames.call(row.getSubject()));
      out.println("                " + latencies(row) + errors(row));
      histogram(TraceRows.histogram(row));
    }
  }

  private static String errors(TraceRow row) {
    return row.getErrors().isEmpty()
        ? ""
        : row.getErrors().stream()
            .map(TraceText::error)
            .collect(Collectors.joining(", ", "  errors ", ""));
  }

  private static String error(TraceError error) {
    return CallNames.error(error.getNumber()) + " " + error.getCount();
  }

  private static String latencies(TraceRow row) {
    LatencyHistogram histogram = TraceRows.histogram(row);
    return String.format(
        Locale.ROOT,
        "count %d  total %s  p50 %s  p95 %s  p99 %s  max %s",
        row.getCount(),
        Spans.text(row.getTotalNanos()),
        Spans.text(histogram.quantileNanos(0.50)),
        Spans.text(histogram.quantileNanos(0.95)),
        Spans.text(histogram.quantileNanos(0.99)),
        Spans.text(row.getMaxNanos()));
  }

  private void histogram(LatencyHistogram histogram) {
    long most = 0;
    for (int slot = histogram.first(); slot <= histogram.last(); slot++) {
      most = Math.max(most, histogram.count(slot));
    }
    out.println("     usecs               : count     distribution");
    for (int slot = histogram.first(); slot <= histogram.last(); slot++) {
      int stars = (int) (histogram.count(slot) * BAR / most);
      out.printf(
          "%10d -> %-10d : %-8d |%-" + BAR + "s|%n",
          LatencyHistogram.fromMicros(slot),
          LatencyHistogram.toMicros(slot),
          histogram.count(slot),
          "*".repeat(stars));
    }
  }

  private void locks(TraceReport report) {
    List<TraceRow> rows = TraceRows.byTotal(report.view());
    head(report, "Waits for locks", rows.size());
    for (TraceRow row : top(report, rows)) {
      out.printf(
          "        %s  %s %s%n",
          process(row.getComm(), row.getTgid()),
          TraceWords.lockType(row),
          Printable.of(TraceWords.lock(row)));
      out.println("                " + latencies(row));
      report
          .stack(row)
          .forEach(frame -> out.println("                        " + Printable.of(frame)));
    }
  }

  private void io(TraceReport report) {
    List<TraceRows.Io> rows = TraceRows.io(report.view());
    head(report, "Block requests, p50 to p99 interpolated in log2 buckets,", rows.size());
    for (TraceRows.Io row : top(report, rows)) {
      TraceRow queued = row.queued();
      String what = what(queued);
      out.printf("        %s  %s%n", process(queued.getComm(), queued.getTgid()), what);
      out.println("                from insert  " + latencies(queued) + average(queued));
      if (row.served() != null) {
        out.println(
            "                from issue   " + latencies(row.served()) + average(row.served()));
      }
      out.printf(
          "                %d bytes%s%n",
          queued.getBytes(), queued.getFailed() > 0 ? ", " + queued.getFailed() + " failed" : "");
      histogram(TraceRows.histogram(queued));
      warn(report, queued, what);
    }
    // What is slow is said of all, also of those that are not listed.
    for (TraceRows.Io row : rows.subList(top(report, rows).size(), rows.size())) {
      warn(report, row.queued(), what(row.queued()));
    }
  }

  private static String what(TraceRow queued) {
    return Printable.of(
        TraceWords.request(queued.getName(), queued.getSubject(), queued.getDetail()));
  }

  private void warn(TraceReport report, TraceRow queued, String what) {
    long p95 = TraceRows.histogram(queued).quantileNanos(0.95);
    if (p95 > report.view().head().getWarnNanos()) {
      out.printf(
          "warning: %s by %s: p95 %s is above %s%n",
          what,
          process(queued.getComm(), queued.getTgid()),
          Spans.text(p95),
          Spans.text(report.view().head().getWarnNanos()));
    }
  }

  private static String average(TraceRow row) {
    return "  average "
        + Spans.text(row.getCount() == 0 ? 0 : row.getTotalNanos() / row.getCount());
  }

  private void memory(TraceReport report) {
    List<TraceRow> rows = TraceRows.memory(report.view());
    head(report, "Kernel memory by the process that asked for it", rows.size());
    for (TraceRow row : top(report, rows)) {
      out.printf(
          "        %s  %d bytes in %d blocks outstanding (%d allocations of %d bytes, %d frees of"
              + " %d)%s%n",
          process(row.getComm(), row.getTgid()),
          TraceRows.outstandingBytes(row),
          row.getCount() - row.getFrees(),
          row.getCount(),
          row.getBytes(),
          row.getFrees(),
          row.getFreedBytes(),
          report.isSuspect(row) ? "  suspect: rising" : "");
    }
  }

  private void slow(TraceReport report) {
    for (SlowCall call : report.view().slow()) {
      out.printf(
          "slow: %s thread %d  %s  %s%s%n",
          process(call.getComm(), call.getTgid()),
          call.getTid(),
          Printable.of(TraceWords.subject(call)),
          Spans.text(call.getNanos()),
          result(call));
    }
    if (report.view().untold() > 0) {
      out.printf("slow: %d more%n", report.view().untold());
    }
  }

  private static String result(SlowCall call) {
    if (call.getKind() != TraceKind.CALL) {
      return "";
    }
    String error = TraceWords.error(call);
    return " = " + (error == null ? String.valueOf(call.getResult()) : error);
  }

  private void loss(TraceHead head) {
    if (head.getMapFull() + head.getUnpaired() + head.getQueueFull() + head.getSkipped() != 0) {
      out.printf(
          "lost: %d found no place in the kernel's maps, %d ended unpaired, %d exact events found"
              + " their queue full, %d were skipped by the kernel%n",
          head.getMapFull(), head.getUnpaired(), head.getQueueFull(), head.getSkipped());
    }
  }
}
