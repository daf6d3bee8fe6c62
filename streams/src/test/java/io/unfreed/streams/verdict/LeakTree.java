package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A process with a random tree of calls, some leaks of which the cause is known, and healthy stacks
 * beside them, also below the functions that leak.
 */
final class LeakTree {
  /** How a leak is spread. */
  enum Spread {
    /** One stack. */
    ONE,
    /** One function, called on 2 to 7 ways. */
    FEW,
    /** One function, called on 8 to 80 ways. */
    MANY,
    /** Two to four blocks in one go, each at a stack of its own. */
    TOGETHER
  }

  /** A mistake of the program: the function that makes it, and the stacks that leak for it. */
  record Cause(Spread spread, String function, Set<Integer> stacks) {}

  private static final String[] ALLOCATORS = {"xmalloc", "strdup", "list_add", "buffer_new"};

  final Recorded recorded = new Recorded();
  final List<Cause> causes = new ArrayList<>();

  private final Random random;
  private final List<List<String>> ways = new ArrayList<>();

  LeakTree(long seed) {
    random = new Random(seed * 7_368_787);
    ways.add(List.of("main"));
    int functions = 40 + random.nextInt(120);
    for (int i = 0; i < functions; i++) {
      List<String> way = new ArrayList<>(List.of("f" + i));
      way.addAll(ways.get(random.nextInt(ways.size())));
      ways.add(way);
    }
    int leaks = 1 + random.nextInt(4);
    for (int i = 0; i < leaks; i++) {
      leak(Spread.values()[random.nextInt(Spread.values().length)], "lose" + i);
    }
    int bystanders = 10 + random.nextInt(20);
    for (int i = 0; i < bystanders; i++) {
      bystander(i);
    }
  }

  private void leak(Spread spread, String function) {
    Set<Integer> stacks = new TreeSet<>();
    causes.add(new Cause(spread, function, stacks));
    double stays = random.nextInt(5) < 3 ? 1 : SyntheticKind.between(random, 0.02, 0.5);
    double perSecond = SyntheticKind.between(random, 0.3, 5) / stays;
    if (spread == Spread.TOGETHER) {
      together(function, stays, perSecond / 2, stacks);
      return;
    }
    int count =
        switch (spread) {
          case ONE, TOGETHER -> 1;
          case FEW -> 2 + random.nextInt(6);
          case MANY -> (int) SyntheticKind.between(random, 8, 81);
        };
    double[] shares = random.doubles(count).map(share -> Math.pow(10, share)).toArray();
    double all = Arrays.stream(shares).sum();
    List<String> allocator = allocator();
    for (int i = 0; i < count; i++) {
      stacks.add(recorded.stack(calls(allocator, function, random.nextInt(ways.size()))));
      recorded.blocks.arrivals(
          random,
          perSecond * shares[i] / all,
          0,
          Recorded.SPAN,
          t -> recorded.blocks.block(t, 64, end(t, stays)));
    }
  }

  private void together(String function, double stays, double perSecond, Set<Integer> stacks) {
    int way = random.nextInt(ways.size());
    int parts = 2 + random.nextInt(3);
    List<Integer> ofPart = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      ofPart.add(recorded.stack(calls(List.of("xmalloc", "part" + part), function, way)));
    }
    stacks.addAll(ofPart);
    recorded.blocks.arrivals(
        random,
        perSecond,
        0,
        Recorded.SPAN,
        t -> {
          double end = end(t, stays);
          for (int stack : ofPart) {
            recorded.blocks.stack(stack);
            recorded.blocks.block(t, 48, end);
          }
        });
  }

  private double end(double t, double stays) {
    return random.nextDouble() < stays
        ? Recorded.NEVER
        : t + SyntheticKind.exponential(random, 0.5);
  }

  /** Every eighth is called by a function that leaks. */
  private void bystander(int number) {
    SyntheticKind[] healthy =
        Arrays.stream(SyntheticKind.values())
            .filter(SyntheticKind::isHealthy)
            .toArray(SyntheticKind[]::new);
    String caller =
        number % 8 == 0
            ? causes.get(random.nextInt(causes.size())).function()
            : "g" + random.nextInt(20);
    List<String> inner = new ArrayList<>(allocator());
    inner.add("work" + number);
    recorded.stack(calls(inner, caller, random.nextInt(ways.size())));
    healthy[random.nextInt(healthy.length)].blocks(random, recorded.blocks);
  }

  private List<String> allocator() {
    return List.of(ALLOCATORS[random.nextInt(ALLOCATORS.length)]);
  }

  private String[] calls(List<String> innermost, String function, int way) {
    List<String> calls = new ArrayList<>(innermost);
    calls.add(function);
    calls.addAll(ways.get(way));
    return calls.toArray(String[]::new);
  }
}
