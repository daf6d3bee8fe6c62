package io.unfreed.render;

import io.unfreed.query.StackBook;
import io.unfreed.query.TimeToLimit;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.explain.ChangePoint;
import io.unfreed.streams.explain.Period;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.explain.SurvivalCurve;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Sentence;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** An explanation as text. */
public final class ExplainText {
  private static final int LISTED = 5;
  private static final double HUNDRED = 100;
  private static final Comparator<Survey.Tally> MOST_STAY =
      Comparator.comparingLong(Survey.Tally::stay).thenComparingLong(Survey.Tally::born).reversed();

  private final PrintStream out;
  private final Explanation e;
  private final StackBook book;

  private ExplainText(PrintStream out, Explanation explanation, StackBook book) {
    this.out = out;
    this.e = explanation;
    this.book = book;
  }

  /** Prints it. */
  public static void print(PrintStream out, Explanation explanation, StackBook book) {
    new ExplainText(out, explanation, book).print();
  }

  private void print() {
    printHead();
    printSince();
    printEvery();
    printTimes();
    printSurvival();
    printKinds("size", "bytes", e.survey().sizes());
    printKinds("thread", "", e.survey().threads());
    printFreedBy();
    printStacks();
  }

  private void printHead() {
    IncarnationReport report = e.stacks().report();
    int stacks = e.stacks().stacks().size();
    out.printf(
        "[%s] %s%s%s%n",
        TextReports.moment(e.session(), report.atNanos()),
        stacks == 1 ? "1 stack" : stacks + " stacks",
        e.stacks().frame() == null ? "" : " with " + FrameText.of(e.stacks().frame()),
        VerdictText.label(e.stacks().verdict()));
    if (report.process().getTgid() != null) {
      out.printf(
          "    process %d%s%s%n",
          report.process().getTgid(),
          RecordedFromText.of(report.process()),
          TextReports.command(report));
    }
    VerdictText.linesOfOne(
            e.stacks().verdict(), e.evidence(book), report, TimeToLimit.limit(e.session()))
        .forEach(line -> out.println("    " + line));
    Survey.Sums sums = e.survey().sums();
    out.printf(
        "    %s blocks of %s bytes were allocated, %s were freed, %s of %s bytes stay%n",
        count(sums.born()),
        count(sums.bornBytes()),
        count(sums.freed()),
        count(sums.stay()),
        count(sums.stayBytes()));
    long lost = report.totals().lostEvents();
    if (lost > 0) {
      long certain = e.stacks().stacks().stream().mapToLong(StackNumbers::certainBytes).sum();
      out.printf(
          "    LOST: %s events, which may have freed what stays; %s of its bytes are certain%n",
          count(lost), count(certain));
    }
  }

  private void printSince() {
    ChangePoint since = e.since();
    if (since == null || e.survey().sums().stay() == 0) {
      return;
    }
    String at = since(since.slot() * e.survey().slotNanos());
    if (since.before() == null) {
      out.printf("    since its first block at about %s %s stay%n", at, percent(since.after()));
    } else {
      out.printf(
          "    since about %s %s stay, before it %s did%n",
          at, percent(since.after()), percent(since.before()));
    }
  }

  private void printEvery() {
    if (e.bornEvery() != null) {
      out.println("    allocates every " + every(e.bornEvery()));
    }
    if (e.staysEvery() != null && e.survey().sums().freed() > 0) {
      out.println("    allocates what stays every " + every(e.staysEvery()));
    }
  }

  private static String every(Period period) {
    double blocks = period.blocks();
    String each =
        blocks < 1.05
            ? ""
            : String.format(Locale.ROOT, ", some %.0f blocks at a time", Math.max(2, blocks));
    return period(period.everyNanos()) + each;
  }

  /** To two digits: 8.0003 s are 8 s. */
  static String period(long nanos) {
    double step = Math.pow(10, Math.floor(Math.log10((double) Math.max(1, nanos))) - 1);
    return Sentence.duration(Math.rint(nanos / step) * step);
  }

  private void printTimes() {
    if (e.survey().sums().freed() > 0) {
      printColumns("allocated", e.survey().born());
    }
    printColumns("allocated and still there", e.survey().stay());
  }

  private void printColumns(String what, long... slots) {
    int per = slots.length / CharacterPlot.WIDTH;
    long[] columns = new long[CharacterPlot.WIDTH];
    for (int i = 0; i < slots.length; i++) {
      columns[i / per] += slots[i];
    }
    if (Arrays.stream(columns).sum() > 0) {
      out.printf(
          "    blocks %s, by when, in %s each:%n", what, period(per * e.survey().slotNanos()));
      CharacterPlot.columns(columns).forEach(out::println);
      out.println(CharacterPlot.below("+0s", since(slots.length * e.survey().slotNanos())));
    }
  }

  private void printSurvival() {
    if (e.survey().sums().freed() == 0) {
      out.println("    none was ever freed");
      return;
    }
    List<SurvivalCurve.Point> points = e.survival();
    double from = (double) Math.max(1, points.getFirst().ageNanos());
    double to = Math.max(from * 2, (double) points.getLast().ageNanos());
    double[] shares = new double[CharacterPlot.WIDTH];
    for (int column = 0; column < shares.length; column++) {
      double age = from * Math.pow(to / from, (column + 1.0) / shares.length);
      shares[column] = 1;
      for (SurvivalCurve.Point point : points) {
        shares[column] = point.ageNanos() < age ? point.share() : shares[column];
      }
    }
    out.println("    share of the blocks that are still there at an age:");
    CharacterPlot.shares(shares).forEach(out::println);
    out.println(CharacterPlot.below(period((long) from), period((long) to)));
    out.printf("    %s reach %s%n", percent(points.getLast().share()), period((long) to));
  }

  private void printKinds(String what, String unit, Map<Long, Survey.Tally> kinds) {
    List<Map.Entry<Long, Survey.Tally>> most =
        kinds.entrySet().stream()
            .sorted(
                Map.Entry.<Long, Survey.Tally>comparingByValue(MOST_STAY)
                    .thenComparing(Map.Entry.comparingByKey()))
            .toList();
    String listed =
        most.stream()
            .limit(LISTED)
            .map(kind ->
                (kind.getKey() + " " + unit).strip()
                    + " "
                    + count(kind.getValue().stay())
                    + " of "
                    + count(kind.getValue().born()))
            .collect(Collectors.joining(", "));
    out.printf(
        "    %s %s, of which stay: %s%s%n",
        count(most.size()),
        most.size() == 1 ? what : what + "s",
        listed,
        most.size() > LISTED ? ", .." : "");
  }

  private void printFreedBy() {
    if (e.freedBy() == null || e.freedBy().isEmpty()) {
      return;
    }
    out.println("    freed by:");
    for (Map.Entry<StackId, Long> releaser : e.freedBy().stream().limit(LISTED).toList()) {
      out.printf("        %s from stack%n", count(releaser.getValue()));
      printFrames(releaser.getKey());
    }
    if (e.freedBy().size() > LISTED) {
      out.printf("        %d more stacks%n", e.freedBy().size() - LISTED);
    }
  }

  private void printStacks() {
    List<StackNumbers> stacks = e.stacks().stacks();
    for (StackNumbers stack : stacks.stream().limit(LISTED).toList()) {
      out.printf(
          "    %s bytes in %s allocations from stack %s%n",
          count(stack.outstandingBytes()), count(stack.outstandingCount()), stack.key().stackId());
      printFrames(stack.key().stackId());
    }
    if (stacks.size() > LISTED) {
      out.printf("    %d more stacks%n", stacks.size() - LISTED);
    }
  }

  private void printFrames(StackId id) {
    List<Frame> frames = Objects.requireNonNullElse(book.frames(id), List.of());
    if (frames.isEmpty()) {
      out.println("            unknown");
    }
    frames.forEach(frame -> out.println("            " + FrameText.of(frame)));
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String percent(double share) {
    if (share == 1) {
      return "all";
    }
    double percent = HUNDRED * share;
    return String.format(Locale.ROOT, percent < 1 && percent > 0 ? "%.3f %%" : "%.1f %%", percent);
  }

  private static String since(long nanos) {
    return String.format(Locale.ROOT, "+%.1fs", nanos / 1e9);
  }
}
