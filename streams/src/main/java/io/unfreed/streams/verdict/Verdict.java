package io.unfreed.streams.verdict;

import java.util.Locale;

/** Whether a stack leaks, and if not, why it holds what it holds. */
public sealed interface Verdict {
  /** What it rests on. */
  Evidence evidence();

  /** Between 0 and 1; null where nothing was decided. */
  Double confidence();

  /** Its name, as it is printed. */
  default String kind() {
    return switch (this) {
      case Leaking _ -> "leaking";
      case Bounded _ -> "bounded";
      case Queue _ -> "queue";
      case WarmUp _ -> "warm-up";
      case OneOff _ -> "one-off";
      case Undecided _ -> "undecided";
    };
  }

  /** What sort of it, or why; null where there is only one. */
  default String reason() {
    return switch (this) {
      case Leaking leaking -> word(leaking.sort());
      case Queue queue -> queue.isDraining() ? "draining" : "backlog";
      case Undecided undecided -> word(undecided.why());
      case Bounded _, WarmUp _, OneOff _ -> null;
    };
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Blocks stay, and new ones keep joining them. */
  record Leaking(Double confidence, Growth growth, Kind sort, Evidence evidence)
      implements Verdict {
    /** The same, as sure as that. */
    Leaking withConfidence(double other) {
      return new Leaking(other, growth, sort, evidence);
    }
  }

  /** What leaks. */
  enum Kind {
    /** Blocks that are never freed. */
    BLOCKS,
    /** As many blocks as ever, but larger and larger: a container. */
    CONTAINER
  }

  /** As many are freed as are allocated. */
  record Bounded(Double confidence, Evidence evidence) implements Verdict {}

  /** What comes is freed, but later and later, or sooner again. */
  record Queue(Double confidence, boolean isDraining, Evidence evidence) implements Verdict {}

  /** Blocks stay, but fewer and fewer join them. */
  record WarmUp(Double confidence, Evidence evidence) implements Verdict {}

  /** Blocks stay, but none has joined them for long. */
  record OneOff(Double confidence, Evidence evidence) implements Verdict {}

  /** Nobody can tell yet. */
  record Undecided(Reason why, Evidence evidence) implements Verdict {
    @Override
    public Double confidence() {
      return null;
    }
  }

  /** Why nothing was decided. */
  enum Reason {
    /** The stack was seen for too short a time. */
    TOO_SHORT,
    /** Too few blocks stay, or in too few slots. */
    TOO_FEW,
    /** Events were lost that could have been their frees. */
    LOSS,
    /** It holds more and more, but what stays is freed in the end. */
    GROWS,
    /** It neither grows steadily nor comes back to where it was. */
    UNSTEADY
  }

  /**
   * How fast it leaks, bytes per second; a source without times has none. With 90 % confidence the
   * slope is between low and high.
   *
   * @param swingBytes so much more than now it holds at times, of blocks that are freed again
   */
  record Growth(double bytesPerSecond, double low, double high, double swingBytes) {}
}
