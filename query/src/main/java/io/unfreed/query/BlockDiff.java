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

  /** What two stacks have in common that are the same in another build. */
  private record Called(List<String> functions, AddressSpace space) {}

  private static final class Group {
    private BlockGroup.Name name;
    private List<Frame> frames;
    private Amount before = Amount.NONE;
    private Amount after = Amount.NONE;
  }

  /**
   * Compares. Groups are the same by their names; stacks, functions and modules of which the other
   * side has none are matched by functions and modules' base names, as another build has other
   * addresses and lies in another directory.
   */
  public static BlockDiff of(Side before, Side after) {
    Set<BlockGroup.Name> common = names(before);
    common.retainAll(names(after));
    Map<Object, Group> groups = new HashMap<>();
    Amount first = add(before, common, groups, false);
    Amount second = add(after, common, groups, true);
    List<Entry> entries = new ArrayList<>();
    for (Group group : groups.values()) {
      Change change = change(group.before, group.after);
      if (change != null) {
        entries.add(new Entry(group.name, group.frames, group.before, group.after, change));
      }
    }
    entries.sort(Entry.ORDER);
    return new BlockDiff(first, second, entries);
  }

  /** Bytes more than before, of all groups together. */
  public long bytes() {
    return after.bytes() - before.bytes();
  }

  private static Set<BlockGroup.Name> names(Side side) {
    Set<BlockGroup.Name> names = new HashSet<>();
    side.processes().forEach(process -> process.groups().forEach(group -> names.add(group.name())));
    return names;
  }

  private static Amount add(
      Side side, Set<BlockGroup.Name> common, Map<Object, Group> groups, boolean isAfter) {
    Amount all = Amount.NONE;
    for (ChosenBlocks process : side.processes()) {
      for (BlockGroup of : process.groups()) {
        List<Frame> frames =
            of.name() instanceof BlockGroup.Stack(var key)
                ? side.stacks().frames(key.stack().stackId())
                : null;
        Object match =
            common.contains(of.name()) ? of.name() : match(process.groupBy(), of.name(), frames);
        Group group = groups.computeIfAbsent(match, key -> new Group());
        Amount amount = Amount.of(of.numbers());
        group.before = isAfter ? group.before : group.before.plus(amount);
        group.after = isAfter ? group.after.plus(amount) : group.after;
        group.name = of.name();
        group.frames = frames;
        all = all.plus(amount);
      }
    }
    return all;
  }

  private static Object match(GroupBy groupBy, BlockGroup.Name name, List<Frame> frames) {
    boolean isNamed =
        frames != null && frames.stream().anyMatch(frame -> frame.getSymbol() != null);
    return switch (name) {
      case BlockGroup.Stack(var key) when isNamed ->
          new Called(frames.stream().map(BlockDiff::called).toList(), key.stack().space());
      case BlockGroup.Function(var symbol, var module, var _) when symbol != null ->
          new BlockGroup.Function(symbol, baseName(module), null);
      case BlockGroup.Text(var module) when groupBy.kind() == GroupBy.Kind.MODULE ->
          new BlockGroup.Text(baseName(module));
      case BlockGroup.Stack _,
          BlockGroup.FreeStack _,
          BlockGroup.Function _,
          BlockGroup.Text _,
          BlockGroup.Numbered _ ->
          name;
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
