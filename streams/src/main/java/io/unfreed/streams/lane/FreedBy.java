package io.unfreed.streams.lane;

import io.unfreed.schemas.stack.StackId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who released the blocks of a stack: the numbers of all releasers, the others included, add up to
 * its frees.
 *
 * @param stacks most frees first, then stack id ascending; {@link StackId#UNKNOWN} when the stack
 *     that releases is not known
 * @param otherFrees releases by stacks that are not listed
 */
public record FreedBy(List<Releaser> stacks, long otherFrees) {
  /** So many are listed. */
  public static final int LISTED = 16;

  /** One stack that releases. */
  public record Releaser(StackId stackId, long frees) {}

  private static final Comparator<Releaser> ORDER =
      Comparator.comparingLong(Releaser::frees).reversed().thenComparing(Releaser::stackId);

  public FreedBy {
    stacks = List.copyOf(stacks);
  }

  /** In order, and no more than are listed; the rest is counted with the others. */
  public static FreedBy mostOf(List<Releaser> all, long otherFrees) {
    List<Releaser> ordered = new ArrayList<>(all);
    ordered.sort(ORDER);
    int listed = Math.min(LISTED, ordered.size());
    long rest = ordered.stream().skip(listed).mapToLong(Releaser::frees).sum();
    return new FreedBy(ordered.subList(0, listed), otherFrees + rest);
  }

  /** The sum of two lanes', in order, with all that either lists; null when one of them is. */
  static FreedBy sum(FreedBy a, FreedBy b) {
    if (a == null || b == null) {
      return null;
    }
    Map<StackId, Long> frees = new LinkedHashMap<>();
    a.stacks.forEach(r -> frees.merge(r.stackId(), r.frees(), Long::sum));
    b.stacks.forEach(r -> frees.merge(r.stackId(), r.frees(), Long::sum));
    List<Releaser> all = new ArrayList<>();
    frees.forEach((id, count) -> all.add(new Releaser(id, count)));
    all.sort(ORDER);
    return new FreedBy(all, a.otherFrees + b.otherFrees);
  }
}
