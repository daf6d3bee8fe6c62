package io.unfreed.render.trace;

import io.unfreed.bpf.trace.CallNames;
import io.unfreed.bpf.trace.LatencyHistogram;
import io.unfreed.bpf.trace.TraceCell;
import io.unfreed.bpf.trace.TraceEvent;
import io.unfreed.bpf.trace.TraceMemory;
import io.unfreed.bpf.trace.TraceNames;
import io.unfreed.bpf.trace.TraceSnapshot;
import io.unfreed.schemas.text.Printable;
import java.io.PrintStream;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** For people; histograms as bcc prints them. */
public final class TraceText implements TracePrinter {
  private static final int BAR = 40;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  private final PrintStream out;
  private final TraceShape shape;
  private final Devices devices = new Devices();

  public TraceText(PrintStream out, TraceShape shape) {
    this.out = out;
    this.shape = shape;
  }

  @Override
  public void print(TraceReport report) {
    switch (report.tracer()) {
      case SYSCALLS -> calls(report);
      case LOCKS -> locks(report);
      case IO -> io(report);
      case MEMORY -> memory(report);
    }
    slow(report);
    loss(report.snapshot().loss());
    out.flush();
  }

  private void head(TraceReport report, String what, int rows) {
    out.printf(
        Locale.ROOT,
        "[%s] %s in %.1f s%s:%n",
        TIME.format(report.at()),
        what,
        report.sinceStartNanos() / 1e9,
        rows > shape.limit() ? ", the first " + shape.top() + " of " + rows : "");
  }

  private static String process(String comm, int tgid) {
    return Printable.of(comm) + " (" + tgid + ")";
  }

  private void calls(TraceReport report) {
    List<TraceCell> rows = TraceRows.byTotal(report.snapshot());
    head(report, "System calls, p50 to p99 interpolated in log2 buckets,", rows.size());
    for (TraceCell row : rows.subList(0, Math.min(rows.size(), shape.limit()))) {
      out.printf(
          "        %s  %s%n", process(row.comm(), row.tgid()), CallNames.call(row.subject()));
      out.println("                " + latencies(row) + errors(report, row));
      histogram(row.histogram());
    }
  }

  private static String errors(TraceReport report, TraceCell row) {
    Map<Integer, Long> errors =
        report
            .snapshot()
            .errors()
            .getOrDefault(new TraceSnapshot.ErrorKey(row.tgid(), row.subject()), Map.of());
    return errors.isEmpty()
        ? ""
        : errors.entrySet().stream()
            .map(e -> CallNames.error(e.getKey()) + " " + e.getValue())
            .collect(Collectors.joining(", ", "  errors ", ""));
  }

  private static String latencies(TraceCell row) {
    LatencyHistogram histogram = row.histogram();
    return String.format(
        Locale.ROOT,
        "count %d  total %s  p50 %s  p95 %s  p99 %s  max %s",
        row.count(),
        Spans.text(row.totalNanos()),
        Spans.text(histogram.quantileNanos(0.50)),
        Spans.text(histogram.quantileNanos(0.95)),
        Spans.text(histogram.quantileNanos(0.99)),
        Spans.text(row.maxNanos()));
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
    List<TraceCell> rows = TraceRows.byTotal(report.snapshot());
    head(report, "Waits for locks", rows.size());
    for (TraceCell row : rows.subList(0, Math.min(rows.size(), shape.limit()))) {
      out.printf(
          "        %s  %s %s%n",
          process(row.comm(), row.tgid()), TraceNames.lockType(row), report.names().lock(row));
      out.println("                " + latencies(row));
      report
          .names()
          .stack(row)
          .forEach(frame -> out.println("                        " + Printable.of(frame)));
    }
  }

  private void io(TraceReport report) {
    List<TraceRows.Io> rows = TraceRows.io(report.snapshot());
    head(report, "Block requests, p50 to p99 interpolated in log2 buckets,", rows.size());
    for (TraceRows.Io row : rows.subList(0, Math.min(rows.size(), shape.limit()))) {
      TraceCell queued = row.queued();
      String what = what(queued);
      out.printf("        %s  %s%n", process(queued.comm(), queued.tgid()), what);
      out.println("                from insert  " + latencies(queued) + average(queued));
      if (row.served() != null) {
        out.println(
            "                from issue   " + latencies(row.served()) + average(row.served()));
      }
      out.printf(
          "                %d bytes%s%n",
          queued.bytes(), queued.errors() > 0 ? ", " + queued.errors() + " failed" : "");
      histogram(queued.histogram());
      warn(queued, what);
    }
    // What is slow is said of all, also of those that are not listed.
    for (TraceRows.Io row : rows.subList(Math.min(rows.size(), shape.limit()), rows.size())) {
      warn(row.queued(), what(row.queued()));
    }
  }

  private String what(TraceCell queued) {
    return devices.name(queued.subject()) + " " + TraceNames.operation(queued.detail());
  }

  private void warn(TraceCell queued, String what) {
    long p95 = queued.histogram().quantileNanos(0.95);
    if (p95 > shape.warnNanos()) {
      out.printf(
          "warning: %s by %s: p95 %s is above %s%n",
          what,
          process(queued.comm(), queued.tgid()),
          Spans.text(p95),
          Spans.text(shape.warnNanos()));
    }
  }

  private static String average(TraceCell row) {
    return "  average " + Spans.text(row.count() == 0 ? 0 : row.totalNanos() / row.count());
  }

  private void memory(TraceReport report) {
    List<TraceMemory> rows = TraceRows.memory(report.snapshot());
    head(report, "Kernel memory by the process that asked for it", rows.size());
    for (TraceMemory row : rows.subList(0, Math.min(rows.size(), shape.limit()))) {
      out.printf(
          "        %s  %d bytes in %d blocks outstanding (%d allocations of %d bytes, %d frees of"
              + " %d)%s%n",
          process(row.comm(), row.tgid()),
          row.outstandingBytes(),
          row.outstanding(),
          row.allocations(),
          row.allocatedBytes(),
          row.frees(),
          row.freedBytes(),
          report.suspects().contains(row.tgid()) ? "  suspect: rising" : "");
    }
  }

  private void slow(TraceReport report) {
    for (TraceEvent event : report.slow()) {
      out.printf(
          "slow: %s thread %d  %s  %s%s%n",
          process(event.comm(), event.tgid()),
          event.tid(),
          subject(event),
          Spans.text(event.nanos()),
          result(event));
    }
    if (report.untold() > 0) {
      out.printf("slow: %d more%n", report.untold());
    }
  }

  private static String result(TraceEvent event) {
    if (event.kind() != TraceCell.Kind.CALL) {
      return "";
    }
    return event.result() < 0 && event.result() >= -4095
        ? " = " + CallNames.error(-event.result())
        : " = " + event.result();
  }

  private String subject(TraceEvent event) {
    return switch (event.kind()) {
      case CALL -> CallNames.call(event.subject());
      case KERNEL_LOCK -> "kernel lock 0x" + Long.toHexString(event.subject());
      case FUTEX -> "futex 0x" + Long.toHexString(event.subject());
      case FILE_LOCK -> "file lock of descriptor " + event.subject();
      case IO_SERVED ->
          devices.name(event.subject())
              + " "
              + TraceNames.operation(event.detail())
              + " from issue";
      case IO_QUEUED ->
          devices.name(event.subject())
              + " "
              + TraceNames.operation(event.detail())
              + " from insert";
    };
  }

  private void loss(TraceSnapshot.Loss loss) {
    if (!loss.isNone()) {
      out.printf(
          "lost: %d found no place in the kernel's maps, %d ended unpaired, %d exact events found"
              + " their queue full, %d were skipped by the kernel%n",
          loss.mapFull(), loss.unpaired(), loss.events(), loss.skipped());
    }
  }
}
