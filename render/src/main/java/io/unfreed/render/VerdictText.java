package io.unfreed.render;

import io.unfreed.query.TimeToLimit;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Sentence;
import io.unfreed.streams.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Verdicts in words. */
final class VerdictText {
  /** A verdict that is less sure is told without a number. */
  private static final double TOLD = 0.5;

  private VerdictText() {}

  /** What stands behind a stack's numbers: its verdict, and how sure it is. */
  static String label(Verdict verdict) {
    return switch (verdict) {
      case null -> "";
      case Verdict.Undecided _ -> "";
      case Verdict v when v.confidence() < TOLD -> " (" + v.kind() + ")";
      default -> String.format(Locale.ROOT, " (%s %.2f)", verdict.kind(), verdict.confidence());
    };
  }

  /** Why, and how fast, of one of many. */
  static List<String> lines(
      Verdict verdict, String evidence, IncarnationReport report, Long limitBytes) {
    return verdict instanceof Verdict.Undecided && !isTelling(verdict)
        ? List.of()
        : linesOfOne(verdict, evidence, report, limitBytes);
  }

  /** The same of the one that was asked about: also why nothing is said. */
  static List<String> linesOfOne(
      Verdict verdict, String evidence, IncarnationReport report, Long limitBytes) {
    List<String> lines = new ArrayList<>();
    if (verdict == null) {
      return lines;
    }
    lines.add(verdict.kind() + ": " + evidence);
    if (verdict instanceof Verdict.Leaking leaking && leaking.growth() != null) {
      TimeToLimit left = TimeToLimit.of(report, verdict, limitBytes);
      lines.add(
          "+"
              + Sentence.bytes(leaking.growth().bytesPerSecond())
              + "/s"
              + (left == null
                  ? ""
                  : "; the limit of %s is met in %s to %s"
                      .formatted(
                          Sentence.bytes(limitBytes),
                          Sentence.duration((double) left.soonestNanos()),
                          Sentence.duration((double) left.latestNanos()))));
    }
    return lines;
  }

  /** That a stack was not seen long enough needs no line for each. */
  private static boolean isTelling(Verdict verdict) {
    return verdict instanceof Verdict.Undecided undecided
        && undecided.why() != Verdict.Reason.TOO_SHORT
        && undecided.why() != Verdict.Reason.TOO_FEW;
  }
}
