package io.unfreed.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.cli.ProcessesRecording;
import io.unfreed.query.StackBook;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.report.IncarnationReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reports as they are published while a session is recorded; the clock is the test's. */
class MomentFeedTest {
  private static final long TICK = ProcessesRecording.TICK_NANOS;
  private static final int MANY = ReportMoment.FEW + 1;
  private static final long QUIET_NANOS = 2_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final Set<String> known = new HashSet<>();
  private final ProcessesRecording recording = new ProcessesRecording("live");
  private long nowNanos;

  @Test
  void shouldPrintAtOnceWhenThereAreFew() throws Exception {
    processes(ReportMoment.FEW, 3 * TICK);
    MomentFeed feed = feed();

    for (IncarnationReport report : recording.reports(true)) {
      feed.take(report);
      assertThat(heads()).hasSize(1);
    }
    feed.end();
    assertThat(heads()).isEmpty();
  }

  @Test
  void shouldWaitUntilEveryKnownProcessHasComeAsFar() throws Exception {
    processes(MANY, 3 * TICK);
    MomentFeed feed = feed();
    List<List<IncarnationReport>> byProcess = byProcess();

    // As partitions deliver them: all of one process, then all of the next.
    for (List<IncarnationReport> reports : byProcess.subList(0, MANY - 1)) {
      reports.forEach(feed::take);
      feed.settle();
      assertThat(heads()).isEmpty();
    }
    for (IncarnationReport report : byProcess.getLast()) {
      feed.take(report);
    }
    feed.settle();
    assertThat(heads())
        .filteredOn(line -> line.contains("processes"))
        .containsExactly(
            "[+1.000s] 6 processes: 600 bytes in 6 allocations outstanding, by command:",
            "[+2.000s] 6 processes: 600 bytes in 6 allocations outstanding, by command:",
            "[+3.000s] 6 processes: 600 bytes in 6 allocations outstanding, by command:");
    feed.end();
    assertThat(heads())
        .containsExactly(
            "[+3.000s] In all 6 processes: 600 bytes in 6 allocations outstanding at last, by"
                + " command:");
  }

  @Test
  void shouldNotWaitForeverForAProcessThatNeverReports() throws Exception {
    processes(MANY, TICK + 1);
    MomentFeed feed = feed();
    known.add(LaneKey.incarnationKey("live", "999-1"));
    recording.reports(true).stream().filter(report -> report.tick() != null).forEach(feed::take);

    feed.settle();
    assertThat(heads()).isEmpty();
    nowNanos += QUIET_NANOS;
    feed.settle();
    assertThat(heads()).isNotEmpty();
  }

  @Test
  void shouldKeepTheEndedForTheNextTick() throws Exception {
    processes(MANY, TICK / 2);
    add(100, TICK + 1, 1);
    MomentFeed feed = feed();
    List<IncarnationReport> reports = recording.reports(true);
    reports.stream().filter(report -> report.atNanos() < TICK).forEach(feed::take);
    nowNanos += QUIET_NANOS;
    feed.settle();
    assertThat(heads()).isEmpty();

    reports.stream().filter(report -> report.tick() != null).forEach(feed::take);
    feed.settle();

    assertThat(heads().getFirst())
        .isEqualTo("[+1.000s] 7 processes: 601 bytes in 7 allocations outstanding, by command:");
  }

  @Test
  void shouldPrintALateReportWithTheNextMoment() throws Exception {
    processes(MANY, 2 * TICK + 1);
    MomentFeed feed = feed();
    List<List<IncarnationReport>> byProcess = byProcess();
    byProcess.subList(1, MANY).forEach(reports -> feed.take(reports.getFirst()));
    nowNanos += QUIET_NANOS;
    feed.settle();
    assertThat(heads()).hasSize(MANY - 1);

    byProcess.getFirst().forEach(feed::take);
    feed.end();
    assertThat(heads()).isNotEmpty();
  }

  @Test
  void shouldListThoseWithMostBytesWhenThereAreMoreThanItKeeps() throws Exception {
    for (int tgid = 1; tgid <= 500; tgid++) {
      add(tgid, TICK / 2, tgid);
    }
    MomentFeed feed =
        new MomentFeed(recording.session(), text(3), new StackBook(), known, this::now);
    recording.reports(false).forEach(feed::take);
    feed.end();
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertThat(printed.lines().filter(line -> line.startsWith("    process ")))
        .containsExactly("    process 500: tool", "    process 499: tool", "    process 498: tool");
    assertThat(printed).contains("    497 more processes have outstanding allocations");
  }

  private void processes(int count, long endNanos) {
    for (int tgid = 1; tgid <= count; tgid++) {
      add(tgid, endNanos, 100);
    }
  }

  private void add(int tgid, long endNanos, long bytesKept) {
    recording.process(tgid, "tool", 0, endNanos, bytesKept);
    known.add(LaneKey.incarnationKey("live", tgid + "-1"));
  }

  private List<List<IncarnationReport>> byProcess() throws Exception {
    List<List<IncarnationReport>> all = new ArrayList<>();
    for (String key : known.stream().sorted().toList()) {
      all.add(
          recording.reports(true).stream()
              .filter(r -> LaneKey.incarnationKey(r.session(), r.incarnation()).equals(key))
              .toList());
    }
    return all;
  }

  private MomentFeed feed() {
    return new MomentFeed(recording.session(), text(10), new StackBook(), known, this::now);
  }

  private TextReports text(int top) {
    return new TextReports(out, top);
  }

  private long now() {
    return nowNanos;
  }

  /** First lines of what was printed since the last time. */
  private List<String> heads() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    return text.lines().filter(line -> line.startsWith("[")).toList();
  }
}
