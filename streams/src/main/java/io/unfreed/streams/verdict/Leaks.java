package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Leaks, not only stacks. What leaks alike through a function that is to blame ({@link Culprits})
 * is one, best culprit first. With the others the tree of callers is gone through from the
 * allocations to the roots:
 *
 * <ol>
 *   <li>stacks that tell too little alone are judged together at the deepest function where they
 *       tell enough,
 *   <li>leaks whose survivors keep one ratio in every slot, more closely than by chance, are one,
 *   <li>so are {@link #MANY} or more below one function, when nothing speaks against one ratio,
 *   <li>a leak of so many stacks is joined by what leaks alike through the function that names it.
 * </ol>
 *
 * A leak is named by the function that all its stacks have in common and through which the fewest
 * blocks are born: the frame that explains it best; of equal ones the deepest.
 */
public final class Leaks {
  /** So many leaks of one ratio below one function are one. */
  static final int MANY = 8;

  /** Where one stack has more of the survivors, it would have told enough alone. */
  private static final double LARGEST_SHARE = 0.8;

  /** Leaks that differ more in number are not taken for one. */
  private static final int ALIKE = 10;

  /** Of more leaks no pairs are compared. */
  private static final int MOST_PAIRED = 64;

  static final double DECIDED = 0.5;

  /** So many culprits are tried. */
  private static final int MOST_TRIED = 256;

  private static final Comparator<Leak> ORDER =
      Comparator.comparingDouble(Leak::bytesPerSecond)
          .reversed()
          .thenComparing(leak -> leak.stacks().getFirst());

  /** Stacks that leak together, while they are looked for. */
  private record Group(
      Verdict.Leaking verdict, Accumulation sum, Released released, List<Integer> stacks) {}

  /** A function as called from the functions above it. */
  private static final class Node {
    private final Node caller;
    private final int depth;
    private final Map<String, Node> callees = new LinkedHashMap<>();
    private final List<Group> groups = new ArrayList<>();
    private final List<Integer> rest = new ArrayList<>();
    private Accumulation restSum;
    private Released restReleased = Released.NONE;
    private int sources;

    private Node(Node caller) {
      this.caller = caller;
      this.depth = caller == null ? 0 : caller.depth + 1;
    }

    private void add(List<Integer> more, Accumulation sum, Released released) {
      rest.addAll(more);
      restSum = Accumulation.sum(restSum, sum);
      restReleased = restReleased.plus(released);
    }

    private void handUp() {
      if (caller != null && !(groups.isEmpty() && rest.isEmpty())) {
        caller.groups.addAll(groups);
        caller.add(rest, restSum, restReleased);
        caller.sources++;
      }
    }
  }

  private final List<Suspect> stacks;
  private final Judge.Case asked;
  private final Map<String, Long> born = new HashMap<>();
  private final List<Set<String>> functionsOf = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Set<Integer> taken = new HashSet<>();
  private Culprits culprits;

  /** A tree forks less often than it has leaves; so many sums could look like a leak by chance. */
  private Leaks(List<Suspect> stacks, Judge.Case asked) {
    this.stacks = stacks;
    this.asked =
        new Judge.Case(
            asked.moment(), asked.doubtfulUntil(), 2 * asked.stacks(), asked.unitsPerSecond());
  }

  /** Whether a stack may be part of a leak, so that it must be told who stayed. */
  public static boolean isSuspect(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Bounded bounded -> bounded.confidence() < DECIDED;
      case Verdict.Queue queue -> queue.confidence() < DECIDED;
      case Verdict.Leaking _, Verdict.WarmUp _, Verdict.OneOff _, Verdict.Undecided _ -> true;
    };
  }

  /**
   * Finds the leaks, fastest first.
   *
   * @param stacks in the order in which equal ones are listed
   * @param asked as of when, and among how many
   */
  public static List<Leak> find(List<Suspect> stacks, Judge.Case asked) {
    return new Leaks(stacks, asked).find();
  }

  private List<Leak> find() {
    for (Suspect stack : stacks) {
      Set<String> functions = new HashSet<>(stack.functions());
      functions.forEach(function -> born.merge(function, stack.born(), Long::sum));
      functionsOf.add(functions);
    }
    culprits = new Culprits(stacks, born, asked.moment());
    List<Group> blamed = blame();
    Node root = tree();
    nodes.sort(Comparator.comparingInt((Node node) -> node.depth).reversed());
    for (Node node : nodes) {
      if (node.sources > 1) {
        judgeRest(node);
        mergeLockstep(node);
        mergeMany(node);
        joinSpread(node);
      }
      node.handUp();
    }
    List<Leak> leaks = new ArrayList<>();
    blamed.addAll(root.groups);
    for (Group group : blamed) {
      leaks.add(new Leak(group.verdict(), common(group.stacks()), group.stacks()));
    }
    leaks.sort(ORDER);
    return leaks;
  }

  /** What leaks through functions that are to blame, as it is found. */
  private List<Group> blame() {
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
            && functionsOf.get(i).contains(best.getKey())
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
    List<Integer> leaking = of.stream().filter(this::leaks).toList();
    if (leaking.size() > MOST_PAIRED) {
      return List.of();
    }
    List<Set<Integer>> inStep = new ArrayList<>();
    int tries = leaking.size() * (leaking.size() - 1) / 2;
    for (int i : leaking) {
      Set<Integer> one = new HashSet<>(Set.of(i));
      for (int k : leaking) {
        if (k > i && shares(List.of(single(i), single(k))).areLockstep(tries)) {
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
    List<Integer> leaking = of.stream().filter(this::leaks).toList();
    double[] totals = leaking.stream().mapToDouble(this::live).sorted().toArray();
    double middle = totals.length == 0 ? 0 : totals[totals.length / 2];
    List<Integer> sure = leaking.stream().filter(i -> isAlike(live(i), middle)).toList();
    List<Integer> mute = of.stream().filter(i -> !leaks(i)).toList();
    if (sure.size() > 1 && !shares(sure.stream().map(this::single).toList()).areLikely()) {
      return null;
    }
    List<Integer> all = new ArrayList<>(sure);
    if (sure.isEmpty() || keepsRatio(sure, mute)) {
      all.addAll(mute);
    }
    Group group = all.size() < 2 ? null : group(all);
    boolean isOne = group != null && common(all) != null && (!sure.isEmpty() || isSpread(group));
    return isOne ? group : null;
  }

  /** Whether those that tell too little join when those that leak do. */
  private boolean keepsRatio(List<Integer> sure, List<Integer> mute) {
    Group leak = group(sure);
    return leak != null
        && !mute.isEmpty()
        && Shares.of(List.of(leak.sum(), sum(mute)), until(leak)).areLikely();
  }

  private long until(Group group) {
    return asked.moment() - group.verdict().evidence().age().units();
  }

  private Accumulation sum(List<Integer> of) {
    return of.stream().map(this::survivors).reduce(null, Accumulation::sum);
  }

  private boolean leaks(int stack) {
    return stacks.get(stack).verdict() instanceof Verdict.Leaking;
  }

  private double live(int stack) {
    return survivors(stack).sum(Accumulation.LIVE);
  }

  private Group single(int i) {
    Suspect stack = stacks.get(i);
    return new Group(
        (Verdict.Leaking) stack.verdict(), stack.survivors(), stack.released(), List.of(i));
  }

  /** Every stack is put where it allocates; one without frames stands for itself. */
  private Node tree() {
    Node root = node(null);
    for (int i = 0; i < stacks.size(); i++) {
      Suspect stack = stacks.get(i);
      boolean leaks = stack.verdict() instanceof Verdict.Leaking;
      boolean isMute = stack.functions().isEmpty() || stack.survivors() == null;
      if ((isMute && !leaks) || taken.contains(i)) {
        continue;
      }
      Node at = root;
      for (String function : isMute ? List.<String>of() : stack.functions().reversed()) {
        Node caller = at;
        at = caller.callees.computeIfAbsent(function, f -> node(caller));
      }
      at.sources++;
      if (leaks) {
        at.groups.add(single(i));
      } else {
        at.add(List.of(i), stack.survivors(), stack.released());
      }
    }
    return root;
  }

  private Node node(Node caller) {
    Node node = new Node(caller);
    nodes.add(node);
    return node;
  }

  /** All of them, so that nobody chooses what looks like a leak; then those that still join. */
  private void judgeRest(Node node) {
    if (node.rest.size() < 2 || group(node.rest, node.restSum, node.restReleased) == null) {
      return;
    }
    List<Integer> joining =
        node.rest.stream().filter(i -> !isOneOff(stacks.get(i).verdict())).toList();
    Group group = joining.size() < 2 ? null : group(joining);
    if (group != null && common(joining) != null && isSpread(group)) {
      node.groups.add(group);
      List<Integer> left = node.rest.stream().filter(i -> !joining.contains(i)).toList();
      node.rest.clear();
      node.restSum = null;
      node.restReleased = Released.NONE;
      left.forEach(i -> node.add(List.of(i), survivors(i), stacks.get(i).released()));
    }
  }

  private static boolean isOneOff(Verdict verdict) {
    return verdict instanceof Verdict.OneOff && verdict.confidence() >= DECIDED;
  }

  private boolean isSpread(Group group) {
    long largest =
        group.stacks().stream().mapToLong(i -> survivors(i).sum(Accumulation.LIVE)).max().orElse(0);
    return largest <= LARGEST_SHARE * group.sum().sum(Accumulation.LIVE);
  }

  /** The stacks as one; null when they do not leak together. */
  private Group group(List<Integer> of) {
    Accumulation sum = null;
    Released released = Released.NONE;
    for (int i : of) {
      sum = Accumulation.sum(sum, survivors(i));
      released = released.plus(stacks.get(i).released());
    }
    return group(of, sum, released);
  }

  private Group group(List<Integer> of, Accumulation sum, Released released) {
    List<Integer> ordered = of.stream().sorted().toList();
    return Judge.judge(sum, released, asked) instanceof Verdict.Leaking leaking
        ? new Group(leaking, sum, released, ordered)
        : null;
  }

  private Accumulation survivors(int stack) {
    return stacks.get(stack).survivors();
  }

  private Group merged(List<Group> groups) {
    return group(groups.stream().flatMap(group -> group.stacks().stream()).toList());
  }

  private void mergeLockstep(Node node) {
    List<Group> open = comparable(node.groups);
    if (open.size() > MOST_PAIRED) {
      return;
    }
    int tries = open.size() * (open.size() - 1) / 2;
    for (int i = 0; i < open.size(); i++) {
      List<Group> alike = new ArrayList<>(List.of(open.get(i)));
      for (int k = i + 1; k < open.size(); k++) {
        if (shares(List.of(open.get(i), open.get(k))).areLockstep(tries)) {
          alike.add(open.get(k));
        }
      }
      if (replace(node, alike)) {
        open.removeAll(alike.subList(1, alike.size()));
      }
    }
  }

  private void mergeMany(Node node) {
    List<Group> open = comparable(node.groups);
    if (open.size() < MANY) {
      return;
    }
    double[] totals = open.stream().mapToDouble(Leaks::survivors).sorted().toArray();
    double middle = totals[totals.length / 2];
    List<Group> alike = open.stream().filter(g -> isAlike(survivors(g), middle)).toList();
    List<Integer> all = alike.stream().flatMap(group -> group.stacks().stream()).toList();
    String common = common(all);
    if (alike.size() >= MANY
        && common != null
        && culprits.isBlamed(common, all.size())
        && shares(alike).areLikely()) {
      replace(node, alike);
    }
  }

  /** A leak of many stacks is also what leaks alike through the function that explains it. */
  private void joinSpread(Node node) {
    Group spread =
        comparable(node.groups).stream()
            .max(Comparator.comparingInt(group -> group.stacks().size()))
            .orElse(null);
    if (spread == null || spread.stacks().size() < MANY) {
      return;
    }
    String function = common(spread.stacks());
    List<Group> one = new ArrayList<>(List.of(spread));
    for (Group group : comparable(node.groups)) {
      if (!group.equals(spread)
          && function != null
          && function.equals(common(both(spread, group)))
          && isAlike(perStack(group), perStack(spread))
          && shares(List.of(spread, group)).areLikely()) {
        one.add(group);
      }
    }
    replace(node, one);
  }

  private static List<Integer> both(Group a, Group b) {
    List<Integer> both = new ArrayList<>(a.stacks());
    both.addAll(b.stacks());
    return both;
  }

  private static double survivors(Group group) {
    return group.sum().sum(Accumulation.LIVE);
  }

  private static double perStack(Group group) {
    return survivors(group) / group.stacks().size();
  }

  private static boolean isAlike(double a, double b) {
    return a <= ALIKE * b && b <= ALIKE * a;
  }

  /** Puts one leak in the place of several; not when they do not leak together. */
  private boolean replace(Node node, List<Group> groups) {
    Group one = groups.size() < 2 ? null : merged(groups);
    if (one == null) {
      return false;
    }
    node.groups.removeAll(groups);
    node.groups.add(one);
    return true;
  }

  /** Of a container only the size tells anything, not who stays. */
  private static List<Group> comparable(List<Group> groups) {
    return new ArrayList<>(
        groups.stream()
            .filter(g -> g.sum() != null && g.verdict().sort() == Verdict.Kind.BLOCKS)
            .toList());
  }

  /** Compared are slots older than all their ages of no return. */
  private Shares shares(List<Group> groups) {
    long age =
        groups.stream()
            .mapToLong(group -> group.verdict().evidence().age().units())
            .max()
            .orElse(0);
    return Shares.of(groups.stream().map(Group::sum).toList(), asked.moment() - age);
  }

  private String common(List<Integer> of) {
    String best = null;
    for (String function : stacks.get(of.getFirst()).functions()) {
      boolean isCommon = of.stream().allMatch(i -> functionsOf.get(i).contains(function));
      if (isCommon && (best == null || born.get(function) < born.get(best))) {
        best = function;
      }
    }
    return best;
  }
}
