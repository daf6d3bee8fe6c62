package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that call each other, and what leaks below one of them together. */
final class CallTree {
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

  private final Grouping grouping;
  private final List<Suspect> stacks;
  private final Culprits culprits;
  private final Set<Integer> taken;
  private final List<Node> nodes = new ArrayList<>();

  /** Of the stacks that no leak has taken yet. */
  CallTree(Grouping grouping, Culprits culprits, Set<Integer> taken) {
    this.grouping = grouping;
    this.stacks = grouping.stacks();
    this.culprits = culprits;
    this.taken = taken;
  }

  /** Goes through it from the allocations to the roots. */
  List<Group> find() {
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
    return root.groups;
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
        at.groups.add(grouping.single(i));
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
    if (node.rest.size() < 2
        || grouping.group(node.rest, node.restSum, node.restReleased) == null) {
      return;
    }
    List<Integer> joining =
        node.rest.stream().filter(i -> !isOneOff(stacks.get(i).verdict())).toList();
    Group group = joining.size() < 2 ? null : grouping.group(joining);
    if (group != null && grouping.common(joining) != null && grouping.isSpread(group)) {
      node.groups.add(group);
      List<Integer> left = node.rest.stream().filter(i -> !joining.contains(i)).toList();
      node.rest.clear();
      node.restSum = null;
      node.restReleased = Released.NONE;
      left.forEach(i -> node.add(List.of(i), grouping.survivors(i), stacks.get(i).released()));
    }
  }

  private static boolean isOneOff(Verdict verdict) {
    return verdict instanceof Verdict.OneOff && verdict.confidence() >= Leaks.DECIDED;
  }

  private void mergeLockstep(Node node) {
    List<Group> open = comparable(node.groups);
    if (open.size() > Blame.MOST_PAIRED) {
      return;
    }
    int tries = open.size() * (open.size() - 1) / 2;
    for (int i = 0; i < open.size(); i++) {
      List<Group> alike = new ArrayList<>(List.of(open.get(i)));
      for (int k = i + 1; k < open.size(); k++) {
        if (grouping.shares(List.of(open.get(i), open.get(k))).areLockstep(tries)) {
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
    if (open.size() < Leaks.MANY) {
      return;
    }
    double[] totals = open.stream().mapToDouble(Group::survivors).sorted().toArray();
    double middle = totals[totals.length / 2];
    List<Group> alike = open.stream().filter(g -> Group.isAlike(g.survivors(), middle)).toList();
    List<Integer> all = alike.stream().flatMap(group -> group.stacks().stream()).toList();
    String common = grouping.common(all);
    if (alike.size() >= Leaks.MANY
        && common != null
        && culprits.isBlamed(common, all.size())
        && grouping.shares(alike).areLikely()) {
      replace(node, alike);
    }
  }

  /** A leak of many stacks is also what leaks alike through the function that explains it. */
  private void joinSpread(Node node) {
    Group spread =
        comparable(node.groups).stream()
            .max(Comparator.comparingInt(group -> group.stacks().size()))
            .orElse(null);
    if (spread == null || spread.stacks().size() < Leaks.MANY) {
      return;
    }
    String function = grouping.common(spread.stacks());
    List<Group> one = new ArrayList<>(List.of(spread));
    for (Group group : comparable(node.groups)) {
      if (!group.equals(spread)
          && function != null
          && function.equals(grouping.common(both(spread, group)))
          && Group.isAlike(group.perStack(), spread.perStack())
          && grouping.shares(List.of(spread, group)).areLikely()) {
        one.add(group);
      }
    }
    replace(node, one);
  }

  /** Puts one leak in the place of several; not when they do not leak together. */
  private boolean replace(Node node, List<Group> groups) {
    Group one = groups.size() < 2 ? null : grouping.merged(groups);
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

  private static List<Integer> both(Group a, Group b) {
    List<Integer> both = new ArrayList<>(a.stacks());
    both.addAll(b.stacks());
    return both;
  }
}
