package io.unfreed.streams.record;

import io.unfreed.streams.verdict.Accumulation;
import io.unfreed.streams.verdict.Evidence;
import io.unfreed.streams.verdict.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Accumulations and verdicts as Avro records and back. */
final class VerdictRecords {
  private VerdictRecords() {}

  static io.unfreed.schemas.Accumulation toRecord(Accumulation a) {
    return a == null
        ? null
        : new io.unfreed.schemas.Accumulation(
            a.tick(),
            a.level(),
            a.first(),
            a.lastTick(),
            Arrays.stream(a.words()).boxed().toList());
  }

  static Accumulation fromRecord(io.unfreed.schemas.Accumulation a) {
    return a == null
        ? null
        : new Accumulation(
            a.getTick(),
            a.getLevel(),
            a.getFirst(),
            a.getLastTick(),
            a.getWords().stream().mapToLong(Long::longValue).toArray());
  }

  static io.unfreed.schemas.Verdict toRecord(Verdict verdict) {
    if (verdict == null) {
      return null;
    }
    Verdict.Growth growth = verdict instanceof Verdict.Leaking leaking ? leaking.growth() : null;
    Evidence.Age age = verdict.evidence().age();
    return new io.unfreed.schemas.Verdict(
        verdict.kind(),
        verdict.reason(),
        verdict.confidence(),
        growth == null ? null : growth.bytesPerSecond(),
        growth == null ? null : growth.low(),
        growth == null ? null : growth.high(),
        age == null ? null : age.units(),
        numbers(verdict.evidence()),
        growth == null ? null : growth.swingBytes());
  }

  /** Null also for a verdict, or a reason of one, that a later version may know. */
  static Verdict fromRecord(io.unfreed.schemas.Verdict v) {
    if (v == null || v.getNumbers().size() < 14) {
      return null;
    }
    Evidence evidence = evidence(v);
    Double confidence = v.getConfidence();
    return switch (v.getKind()) {
      case "leaking" -> leaking(v, evidence);
      case "bounded" -> new Verdict.Bounded(confidence, evidence);
      case "queue" -> queue(v, evidence);
      case "warm-up" -> new Verdict.WarmUp(confidence, evidence);
      case "one-off" -> new Verdict.OneOff(confidence, evidence);
      case "undecided" -> undecided(v, evidence);
      default -> null;
    };
  }

  private static Verdict leaking(io.unfreed.schemas.Verdict v, Evidence evidence) {
    Verdict.Kind sort = value(Verdict.Kind.class, v.getReason());
    return sort == null ? null : new Verdict.Leaking(v.getConfidence(), growth(v), sort, evidence);
  }

  private static Verdict queue(io.unfreed.schemas.Verdict v, Evidence evidence) {
    boolean isDraining = "draining".equals(v.getReason());
    return isDraining || "backlog".equals(v.getReason())
        ? new Verdict.Queue(v.getConfidence(), isDraining, evidence)
        : null;
  }

  private static Verdict undecided(io.unfreed.schemas.Verdict v, Evidence evidence) {
    Verdict.Reason why = value(Verdict.Reason.class, v.getReason());
    return why == null ? null : new Verdict.Undecided(why, evidence);
  }

  /** Null also for one of which a part is missing. */
  private static Verdict.Growth growth(io.unfreed.schemas.Verdict v) {
    boolean isWhole =
        v.getBytesPerSecond() != null
            && v.getLowBytesPerSecond() != null
            && v.getHighBytesPerSecond() != null;
    return !isWhole
        ? null
        : new Verdict.Growth(
            v.getBytesPerSecond(),
            v.getLowBytesPerSecond(),
            v.getHighBytesPerSecond(),
            v.getSwingBytes() == null ? 0 : v.getSwingBytes());
  }

  /** Null for a word that none of them has. */
  private static <E extends Enum<E>> E value(Class<E> type, String word) {
    for (E value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(word)) {
        return value;
      }
    }
    return null;
  }

  private static List<Long> numbers(Evidence e) {
    Evidence.Age age = e.age() == null ? new Evidence.Age(0, 0, 0, 0) : e.age();
    List<Long> numbers = new ArrayList<>(List.of(e.born(), e.freed(), e.freedWithin()));
    numbers.addAll(List.of(age.reached(), age.freedLater(), age.freedYoung()));
    Evidence.Survivors s = e.survivors();
    numbers.addAll(List.of(s.count(), s.bytes(), s.earlier(), s.later()));
    Evidence.Slots slots = e.slots();
    numbers.addAll(
        List.of((long) slots.count(), (long) slots.joined(), slots.length(), slots.lastJoined()));
    return numbers;
  }

  private static Evidence evidence(io.unfreed.schemas.Verdict v) {
    List<Long> n = v.getNumbers();
    Long age = v.getAgeOfNoReturn();
    return new Evidence(
        n.get(0),
        n.get(1),
        n.get(2),
        age == null ? null : new Evidence.Age(age, n.get(3), n.get(4), n.get(5)),
        new Evidence.Survivors(n.get(6), n.get(7), n.get(8), n.get(9)),
        new Evidence.Slots(n.get(10).intValue(), n.get(11).intValue(), n.get(12), n.get(13)));
  }
}
