package io.unfreed.query;

import io.unfreed.schemas.Frame;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.window.BlockNumbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What changed between two answers.
 *
 * @param before what all of the first add up to
 * @param after what all of the second add up to
 * @param entries groups whose bytes or blocks differ, most growth first
 */
public record BlockDiff(Amount before, Amount after, List<Entry> entries) {
  /** How a group changed. */
  public enum Change {
    /** It had no block before. */
    NEW("new"),
    /** It has more bytes, or as many in more blocks. */
    GREW("grew"),
    /** It has fewer bytes, or as many in fewer blocks. */
    SHRANK("shrank"),
    /** It has no block any more. */
    GONE("gone");

    private final String label;

    Change(String label) {
      this.label = label;
    }

    /** The name in reports. */
    public String label() {
      return label;
    }
  }

  /** Chosen bytes and blocks, and allocations of them and others. */
  public record Amount(long bytes, long count, long allocations) {
    /** Nothing. */
    public static final Amount NONE = new Amount(0, 0, 0);

    static Amount of(BlockNumbers numbers) {
      return new Amount(
          numbers.chosenBytes(), numbers.chosenCount(), numbers.counts().allocations());
    }

    Amount plus(Amount other) {
      return new Amount(
          Sums.of(bytes, other.bytes), count + other.count, allocations + other.allocations);
    }
  }

  /**
   * One group.
   *
   * @param name as the later answer has it, else the earlier
   * @param frames of a stack, as the same answer has them; else null
   */
  public record Entry(
      BlockGroup.Name name, List<Frame> frames, Amount before, Amount after, Change change) {
    private static final Comparator<Entry> ORDER =
        Comparator.comparingLong(Entry::bytes)
            .thenComparingLong(Entry::count)
            .reversed()
            .thenComparing(entry -> entry.name().orderKey());

    /** Bytes more than before. */
    public long bytes() {
      return after.bytes() - before.bytes();
    }

    /** Blocks more than before. */
    public long count() {
      return after.count() - before.count();
    }
  }

  /** One of the answers, of all processes asked for, with the frames of its stacks. */
  public record Side(List<ChosenBlocks> processes, StackBook stacks) {}

  /**
   * What two groups have in common that are the same in another build.
   *
   * @param space of a stack; else null
   */
  private record Alike(List<String> names, AddressSpace space) {}

  /**
   * A group of one side.
   *
   * @param alike null where another build has the same name or none
   */
  private record One(BlockGroup.Name name, List<Frame> frames, Amount amount, Alike alike) {}

  private static final class Group {
    private One named;
    private Amount before = Amount.NONE;
    private Amount after = Amount.NONE;

    Entry entry() {
      Change change = change(before, after);
      return change == null ? null : new Entry(named.name, named.frames, before, after, change);
    }
  }

  /**
   * Compares. Groups are the same by their names; a stack, function or module that the other side
   * has not is matched with one there that this side has not and that has the same functions and
   * modules' base names, as another build has other addresses and lies in another directory.
   */
  public static BlockDiff of(Side before, Side after) {
    List<One> first = ones(before);
    List<One> second = ones(after);
    Set<BlockGroup.Name> common = inBoth(first, second, One::name);
    Set<Alike> alike =
        inBoth(first, second, one -> common.contains(one.name()) ? null : one.alike());
    Function<One, Object> key =
        one ->
            common.contains(one.name()) || one.alike() == null || !alike.contains(one.alike())
                ? one.name()
                : one.alike();
    Map<Object, Group> groups = new HashMap<>();
    for (One one : second.reversed()) { // the largest names it, of the later side if it is there
      Group group = groups.computeIfAbsent(key.apply(one), k -> new Group());
      group.named = one;
      group.after = group.after.plus(one.amount());
    }
    for (One one : first) {
      Group group = groups.computeIfAbsent(key.apply(one), k -> new Group());
      group.named = group.named == null ? one : group.named;
      group.before = group.before.plus(one.amount());
    }
    List<Entry> entries =
        groups.values().stream()
            .map(Group::entry)
            .filter(Objects::nonNull)
            .sorted(Entry.ORDER)
            .toList();
    return new BlockDiff(sum(first), sum(second), entries);
  }

  /** Bytes more than before, of all groups together. */
  public long bytes() {
    return after.bytes() - before.bytes();
  }

  private static <T> Set<T> inBoth(List<One> first, List<One> second, Function<One, T> what) {
    Set<T> both = first.stream().map(what).collect(Collectors.toCollection(HashSet::new));
    both.retainAll(second.stream().map(what).collect(Collectors.toCollection(HashSet::new)));
    return both;
  }

  private static List<One> ones(Side side) {
    List<One> ones = new ArrayList<>();
    for (ChosenBlocks process : side.processes()) {
      for (BlockGroup of : process.groups()) {
        List<Frame> frames =
            of.name() instanceof BlockGroup.Stack(var key)
                ? side.stacks().frames(key.stack().stackId())
                : null;
        ones.add(
            new One(
                of.name(),
                frames,
                Amount.of(of.numbers()),
                alike(process.groupBy(), of.name(), frames)));
      }
    }
    return ones;
  }

  private static Amount sum(List<One> ones) {
    return ones.stream().map(One::amount).reduce(Amount.NONE, Amount::plus);
  }

  private static Alike alike(GroupBy groupBy, BlockGroup.Name name, List<Frame> frames) {
    boolean isNamed =
        frames != null && frames.stream().anyMatch(frame -> frame.getSymbol() != null);
    return switch (name) {
      case BlockGroup.Stack(var key) when isNamed ->
          new Alike(frames.stream().map(BlockDiff::called).toList(), key.stack().space());
      case BlockGroup.Function(var symbol, var module, var _) when symbol != null ->
          new Alike(List.of(symbol, baseName(module)), null);
      case BlockGroup.Text(var module) when groupBy.kind() == GroupBy.Kind.MODULE ->
          new Alike(List.of(baseName(module)), null);
      case BlockGroup.Stack _,
          BlockGroup.FreeStack _,
          BlockGroup.Function _,
          BlockGroup.Text _,
          BlockGroup.Numbered _ ->
          null;
    };
  }

  /** Of a function without a name only the module is the same in another build. */
  private static String called(Frame frame) {
    return Objects.requireNonNullElse(frame.getSymbol(), "??") + "\n" + baseName(frame.getModule());
  }

  private static String baseName(String module) {
    return module == null ? "" : module.substring(module.lastIndexOf('/') + 1);
  }

  private static Change change(Amount before, Amount after) {
    if (before.count() == 0 || after.count() == 0) {
      return before.count() == after.count()
          ? null
          : before.count() == 0 ? Change.NEW : Change.GONE;
    }
    long more = after.bytes() - before.bytes();
    long differs = more == 0 ? after.count() - before.count() : more;
    return differs == 0 ? null : differs > 0 ? Change.GREW : Change.SHRANK;
  }
}
