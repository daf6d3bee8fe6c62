package io.unfreed.streams.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The rule on stacks of all kinds with random parameters. Its numbers were chosen on the seeds 1 to
 * 20 and are judged here on others: -Dunfreed.verdict.seed and -Dunfreed.verdict.seeds say which;
 * benchmarks/verdicts/run prints the table.
 */
class SyntheticVerdictsTest {
  private static final long SEED = Long.getLong("unfreed.verdict.seed", 1001);
  private static final int SEEDS = Integer.getInteger("unfreed.verdict.seeds", 3);
  private static final double SURE = 0.9;

  private int trials;
  private int right;
  private int leaks;
  private int falseAtEnd;
  private int falseSure;
  private int falseEarly;
  private int judgements;
  private int judgedSure;
  private int rightSure;
  private int etas;
  private int etasRight;
  private int etasAtEnd;
  private int growingLeaks;
  private int growingHealthy;
  private int healthy;
  private final Map<String, Integer> first = new TreeMap<>();
  private final List<String> misses = new ArrayList<>();

  @Test
  void shouldNameLeaksAndNothingElseWhenStacksAreOfAllKinds() {
    System.out.printf("%-20s %7s %9s  %s%n", "kind", "right", "detected", "verdicts at the end");
    for (SyntheticKind kind : SyntheticKind.values()) {
      row(kind);
    }
    System.out.println(summary());
    misses.forEach(System.out::println);

    assertThat(falseSure).as("false leaks that are sure").isZero();
    assertThat((double) right / trials).as("right at the end").isGreaterThanOrEqualTo(0.9);
    assertThat((double) first.get("verdict") / leaks)
        .as("leaks named first")
        .isGreaterThanOrEqualTo(0.9);
  }

  private void row(SyntheticKind kind) {
    Map<String, Integer> verdicts = new TreeMap<>();
    List<Long> detected = new ArrayList<>();
    int ok = 0;
    for (int i = 0; i < SEEDS; i++) {
      Trial trial = new Trial(kind, SEED + i);
      String said = name(trial.last[0]);
      verdicts.merge(said, 1, Integer::sum);
      boolean isRight = trial.last[0] != null && kind.right.contains(trial.last[0].kind());
      ok += isRight ? 1 : 0;
      if (!isRight) {
        misses.add("miss: " + kind + " seed " + (SEED + i) + ": " + trial.last[0]);
      }
      count(trial, detected);
    }
    trials += SEEDS;
    right += ok;
    detected.sort(null);
    System.out.printf(
        Locale.ROOT,
        "%-20s %3d/%-3d %8s  %s%n",
        kind,
        ok,
        SEEDS,
        detected.isEmpty() ? "-" : detected.get(detected.size() / 2) / 1_000_000_000L + " s",
        verdicts);
  }

  private void count(Trial trial, List<Long> detected) {
    for (int stack = 0; stack < trial.last.length; stack++) {
      boolean leaks = trial.kinds[stack].isLeak();
      if (!leaks && trial.last[stack] instanceof Verdict.Leaking leaking) {
        falseAtEnd++;
        misses.add("false: " + trial.kinds[stack] + " beside " + trial.kind + " " + leaking);
      }
      healthy += leaks ? 0 : 1;
      growingHealthy += !leaks && trial.growing[stack] ? 1 : 0;
    }
    for (Trial.Judged judged : trial.early) {
      judgements++;
      if (judged.verdict() instanceof Verdict.Leaking leaking) {
        boolean isFalse = !judged.kind().isLeak();
        boolean isSure = leaking.confidence() >= SURE;
        falseEarly += isFalse ? 1 : 0;
        falseSure += isFalse && isSure ? 1 : 0;
        if (isFalse && isSure) {
          misses.add("sure: " + judged);
        }
        judgedSure += isSure ? 1 : 0;
        rightSure += isSure && !isFalse ? 1 : 0;
      }
    }
    if (trial.kind.isLeak()) {
      leaks++;
      growingLeaks += trial.growing[0] ? 1 : 0;
      trial.first.forEach((way, is) -> first.merge(way, is ? 1 : 0, Integer::sum));
      trial.early.stream()
          .filter(j -> j.stack() == 0 && j.verdict() instanceof Verdict.Leaking)
          .findFirst()
          .ifPresent(j -> detected.add(j.nanos()));
      eta(trial);
    }
  }

  /**
   * Whether a limit was met when it was foretold half way; and whether the stack held what it does
   * at the end at the end. A limit that is not met in time is right when it was not said that it
   * would be.
   */
  private void eta(Trial trial) {
    Verdict.Growth growth = trial.halfway;
    if (growth == null || growth.low() <= 0) {
      return;
    }
    double gained = trial.heldLast - trial.heldHalfway;
    double seconds = SyntheticKind.SPAN / 2;
    etas++;
    boolean isAtEnd = gained / growth.high() <= seconds && gained / growth.low() >= seconds;
    etasAtEnd += isAtEnd ? 1 : 0;
    double left = growth.bytesPerSecond() * Trial.FORESEEN / 1e9;
    double met = Math.min(seconds, trial.metAfter / 1e9);
    boolean isRight =
        (left - growth.swingBytes()) / growth.high() <= met && left / growth.low() >= met;
    etasRight += isRight ? 1 : 0;
    if (!isAtEnd || !isRight) {
      misses.add(
          String.format(
              Locale.ROOT,
              "eta: %s: limit %s, end %s; %.1f B/s (%.1f to %.1f); swing %.0f B; met after %.0f s, %.1f B/s to the end",
              trial.kind,
              isRight ? "right" : "WRONG",
              isAtEnd ? "right" : "WRONG",
              growth.bytesPerSecond(),
              growth.low(),
              growth.high(),
              growth.swingBytes(),
              met,
              gained / seconds));
    }
  }

  private String summary() {
    return String.format(
        Locale.ROOT,
        """
        seeds %d + 0 .. %d: right %d of %d; leaks named first %s of %d
        false leaks: %d of %d healthy stacks at the end; asked every 20 s %d of %d judgements, %d at >= .9
        of %d judgements of a leak at >= .9, %d are right; ETA within its interval %d of %d, as much at the end as foretold %d
        growing: says yes to %d of %d leaks, %d of %d healthy stacks\
        """,
        SEED,
        SEEDS - 1,
        right,
        trials,
        first,
        leaks,
        falseAtEnd,
        healthy,
        falseEarly,
        judgements,
        falseSure,
        judgedSure,
        rightSure,
        etasRight,
        etas,
        etasAtEnd,
        growingLeaks,
        leaks,
        growingHealthy,
        healthy);
  }

  private static String name(Verdict verdict) {
    return verdict == null
        ? "nothing"
        : verdict.kind() + (verdict.reason() == null ? "" : "/" + verdict.reason());
  }
}
