package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** What leaks alike through a function that is to blame, see {@link Culprits}, is one leak. */
final class Blame {
  /** Of more leaks no pairs are compared. */
  static final int MOST_PAIRED = 64;

  /** So many culprits are tried. */
  private static final int MOST_TRIED = 256;

  private final Grouping grouping;
  private final List<Suspect> stacks;
  private final Culprits culprits;
  private final Set<Integer> taken = new HashSet<>();

  Blame(Grouping grouping, Culprits culprits) {
    this.grouping = grouping;
    this.stacks = grouping.stacks();
    this.culprits = culprits;
  }

  /** Stacks that are part of the leaks that were found. */
  Set<Integer> taken() {
    return taken;
  }

  /** What leaks through functions that are to blame, as it is found. */
  List<Group> find() {
    List<Group> found = new ArrayList<>();
    List<Integer> open =
        new ArrayList<>(
            IntStream.range(0, stacks.size()).filter(culprits::isSuspect).boxed().toList());
    List<Set<Integer>> inStep = inStep(open);
    Set<String> tried = new HashSet<>();
    while (tried.size() < MOST_TRIED) {
      Map.Entry<String, List<Integer>> best =
          culprits.of(open).stream()
              .filter(one -> !tried.contains(one.getKey()))
              .findFirst()
              .orElse(null);
      if (best == null) {
        break;
      }
      tried.add(best.getKey());
      List<Integer> callers = new ArrayList<>(best.getValue());
      for (int i = 0; i < stacks.size(); i++) {
        if (!culprits.isSuspect(i)
            && culprits.isOpen(i)
            && grouping.calls(i, best.getKey())
            && !taken.contains(i)) {
          callers.add(i);
        }
      }
      inStep.stream().filter(one -> !best.getValue().containsAll(one)).forEach(callers::removeAll);
      Group group = together(callers);
      if (group != null) {
        found.add(group);
        open.removeAll(group.stacks());
        taken.addAll(group.stacks());
      }
    }
    return found;
  }

  /** Stacks that keep step are not torn apart by a function that only some of them call. */
  private List<Set<Integer>> inStep(List<Integer> of) {
    List<Integer> leaking = of.stream().filter(grouping::leaks).toList();
    if (leaking.size() > MOST_PAIRED) {
      return List.of();
    }
    List<Set<Integer>> inStep = new ArrayList<>();
    int tries = leaking.size() * (leaking.size() - 1) / 2;
    for (int i : leaking) {
      Set<Integer> one = new HashSet<>(Set.of(i));
      for (int k : leaking) {
        if (k > i
            && grouping
                .shares(List.of(grouping.single(i), grouping.single(k)))
                .areLockstep(tries)) {
          one.add(k);
        }
      }
      if (one.size() > 1) {
        inStep.add(one);
      }
    }
    return inStep;
  }

  /** All of them that leak alike, and those that tell too little alone; null if that is no leak. */
  private Group together(List<Integer> of) {
    List<Integer> leaking = of.stream().filter(grouping::leaks).toList();
    double[] totals = leaking.stream().mapToDouble(grouping::live).sorted().toArray();
    double middle = totals.length == 0 ? 0 : totals[totals.length / 2];
    List<Integer> sure =
        leaking.stream().filter(i -> Group.isAlike(grouping.live(i), middle)).toList();
    List<Integer> mute = of.stream().filter(i -> !grouping.leaks(i)).toList();
    if (sure.size() > 1
        && !grouping.shares(sure.stream().map(grouping::single).toList()).areLikely()) {
      return null;
    }
    List<Integer> all = new ArrayList<>(sure);
    if (sure.isEmpty() || keepsRatio(sure, mute)) {
      all.addAll(mute);
    }
    Group group = all.size() < 2 ? null : grouping.group(all);
    boolean isOne =
        group != null
            && grouping.common(all) != null
            && (!sure.isEmpty() || grouping.isSpread(group));
    return isOne ? group : null;
  }

  /** Whether those that tell too little join when those that leak do. */
  private boolean keepsRatio(List<Integer> sure, List<Integer> mute) {
    Group leak = grouping.group(sure);
    return leak != null
        && !mute.isEmpty()
        && Shares.of(List.of(leak.sum(), grouping.sum(mute)), grouping.until(leak)).areLikely();
  }
}
