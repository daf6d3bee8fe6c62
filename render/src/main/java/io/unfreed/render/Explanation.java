package io.unfreed.render;

import io.unfreed.query.ExplainedStacks;
import io.unfreed.query.StackBook;
import io.unfreed.query.WhoFrees;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.explain.AgeBins;
import io.unfreed.streams.explain.ChangePoint;
import io.unfreed.streams.explain.Period;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.explain.SurvivalCurve;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What is known of some stacks' blocks.
 *
 * @param since since when so many of them stay; null when nobody can tell
 * @param bornEvery how often they are allocated, null when not regularly
 * @param staysEvery how often one that stays is, null when not regularly
 * @param freedBy stacks that freed, most first; null when that was not recorded
 */
public record Explanation(
    Session session,
    ExplainedStacks stacks,
    Survey survey,
    List<SurvivalCurve.Point> survival,
    ChangePoint since,
    Period bornEvery,
    Period staysEvery,
    List<Map.Entry<StackId, Long>> freedBy) {
  private static final double NEARLY_ALL = 0.99;

  /** Concludes from what was seen. */
  public static Explanation of(Session session, ExplainedStacks stacks, Survey survey) {
    return new Explanation(
        session,
        stacks,
        survey,
        SurvivalCurve.of(survey.freedAges(), survey.otherAges()),
        ChangePoint.of(survey.born(), survey.stay(), oldEnough(stacks, survey)),
        Period.of(survey.bornTimes()),
        Period.of(survey.stayTimes()),
        survey.freedBy() == null
            ? null
            : survey.freedBy().entrySet().stream()
                .sorted(
                    Map.Entry.<StackId, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList());
  }

  /** What speaks for the verdict; null when there is none. */
  String evidence(StackBook book) {
    return stacks.verdict() == null
        ? null
        : new WhoFrees(stacks.report(), book).evidence(stacks.verdict(), stacks.stacks());
  }

  /** Slots whose blocks are older than nearly all become that are freed. */
  private static int oldEnough(ExplainedStacks stacks, Survey survey) {
    long age = 0;
    long freed = 0;
    for (int bin = 0; bin < survey.freedAges().length; bin++) {
      if (freed < NEARLY_ALL * survey.sums().freed()) {
        freed += survey.freedAges()[bin];
        age = AgeBins.from(bin + 1);
      }
    }
    long until = stacks.report().atNanos() - age;
    return (int) Math.clamp(until / survey.slotNanos(), 0L, Survey.SLOTS);
  }
}
