package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells the evidence of a verdict, so that it can be checked. */
public final class Sentence {
  private static final double HUNDRED = 100;
  private static final double THOUSAND = 1000;

  private Sentence() {}

  /**
   * What speaks for a verdict.
   *
   * @param timed whether the clock is nanoseconds, not bytes allocated
   */
  public static String of(Verdict verdict, boolean timed) {
    Evidence e = verdict.evidence();
    List<String> parts = new ArrayList<>();
    switch (verdict) {
      case Verdict.Leaking leaking when leaking.sort() == Verdict.Kind.CONTAINER -> {
        parts.add("as many blocks as before, but what they hold at least rises and rises");
        parts.add("judged over " + periods(e, timed));
      }
      case Verdict.Leaking leaking -> {
        parts.add(share(e) + " stay");
        plateau(parts, e, timed);
        parts.add("survivors from " + e.slots().joined() + " of " + periods(e, timed) + trend(e));
        if (e.age().freedYoung() < Judge.FEWEST_FREED_YOUNG) {
          parts.add("a cache that fills looks the same");
        } else if (e.slots().count() < Judge.SURE_SLOTS
            || leaking.confidence() == Judge.CACHE_CONFIDENCE) {
          parts.add("a program that starts or collects garbage looks the same");
        }
      }
      case Verdict.WarmUp _ -> {
        parts.add(share(e) + " stay");
        plateau(parts, e, timed);
        parts.add(
            "but fewer and fewer join them: %s in the first half, %s in the second"
                .formatted(count(e.survivors().earlier()), count(e.survivors().later())));
      }
      case Verdict.OneOff _ -> {
        parts.add(share(e) + " stay");
        parts.add(
            e.slots().lastJoined() > 0
                ? "none has joined them since +" + span(e.slots().lastJoined(), timed)
                : "none has joined or left them for long");
      }
      case Verdict.Bounded _ -> {
        parts.add("of " + count(e.born()) + " blocks " + count(e.freed()) + " were freed");
        within(parts, e, timed);
        parts.add("lately as many as came");
      }
      case Verdict.Queue queue -> {
        parts.add("blocks are freed in the end");
        parts.add(
            queue.isDraining()
                ? "sooner and sooner what waits becomes less"
                : "but more and more wait, and the oldest are freed first: a backlog");
      }
      case Verdict.Undecided undecided -> parts.add(why(undecided, timed));
    }
    return String.join("; ", parts);
  }

  private static void plateau(List<String> parts, Evidence e, boolean timed) {
    if (e.freed() == 0) {
      parts.add("none was ever freed");
      return;
    }
    within(parts, e, timed);
    parts.add(
        "of %s that reached %s, %s ever freed"
            .formatted(
                count(e.age().reached()),
                span(e.age().units(), timed),
                e.age().freedLater() == 0
                    ? "none was"
                    : count(e.age().freedLater())
                        + (e.age().freedLater() == 1 ? " was" : " were")));
  }

  private static void within(List<String> parts, Evidence e, boolean timed) {
    if (e.freed() > 0 && e.freedWithin() > 0) {
      parts.add("freed ones go within " + span(e.freedWithin(), timed));
    }
  }

  private static String trend(Evidence e) {
    long earlier = e.survivors().earlier();
    long later = e.survivors().later();
    if (later > 2 * earlier) {
      return ", more than before";
    }
    return 2 * later < earlier ? ", fewer than before" : ", rate unchanged";
  }

  private static String why(Verdict.Undecided undecided, boolean timed) {
    Evidence e = undecided.evidence();
    return switch (undecided.why()) {
      case TOO_SHORT -> "seen for too short a time: " + periods(e, timed);
      case TOO_FEW ->
          "too few stay to tell: " + count(e.survivors().count()) + " in " + periods(e, timed);
      case LOSS -> "events were lost that could have been its frees";
      case GROWS -> "it holds more and more, but blocks of every age are freed";
      case UNSTEADY -> "more came than went, but blocks of every age are freed";
    };
  }

  private static String share(Evidence e) {
    long stay = Math.max(0, e.born() - e.freed());
    double percent = e.born() == 0 ? 0 : HUNDRED * stay / e.born();
    return stay == e.born()
        ? "all of " + count(e.born()) + " blocks"
        : String.format(
            Locale.ROOT,
            percent < 1 ? "%.2f %% of %s blocks" : "%.1f %% of %s blocks",
            percent,
            count(e.born()));
  }

  private static String periods(Evidence e, boolean timed) {
    return e.slots().count()
        + (e.slots().count() == 1 ? " period of " : " periods of ")
        + span(e.slots().length(), timed);
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A stretch of the clock. */
  static String span(long units, boolean timed) {
    return timed ? duration((double) units) : bytes((double) units) + " of allocations";
  }

  /** Bytes, with a unit. */
  public static String bytes(double bytes) {
    return scaled(bytes, THOUSAND, "B", "kB", "MB", "GB", "TB");
  }

  /** A duration, with a unit. */
  public static String duration(double nanos) {
    double seconds = nanos / 1e9;
    if (seconds < 1) {
      return scaled(nanos, THOUSAND, "ns", "us", "ms");
    }
    if (seconds < 120) {
      return number(seconds) + " s";
    }
    if (seconds < 7200) {
      return number(seconds / 60) + " min";
    }
    return seconds < 172_800 ? number(seconds / 3600) + " h" : number(seconds / 86_400) + " days";
  }

  private static String scaled(double value, double step, String... units) {
    double left = value;
    int unit = 0;
    while (left >= step && unit < units.length - 1) {
      left /= step;
      unit++;
    }
    return number(left) + " " + units[unit];
  }

  private static String number(double value) {
    return value == Math.rint(value) || value >= HUNDRED
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
