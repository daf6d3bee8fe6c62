package io.unfreed.query;

import io.unfreed.schemas.Frame;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockQuestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer about one incarnation's blocks: groups of those that a question chooses.
 *
 * @param question when they were born and freed
 * @param groupBy what they are grouped by
 * @param report the incarnation at the moment asked, its totals not filtered
 * @param all what all groups add up to
 * @param groups those that have blocks that are asked for, most bytes first
 */
public record ChosenBlocks(
    BlockQuestion question,
    GroupBy groupBy,
    IncarnationReport report,
    BlockNumbers all,
    List<BlockGroup> groups) {

  /** Groups blocks. */
  public static ChosenBlocks of(
      BlockQuestion question,
      GroupBy groupBy,
      FrameFilter filter,
      IncarnationReport report,
      Map<BlockKey, BlockNumbers> blocks,
      StackBook stacks) {
    return grouped(question, groupBy, filter, report, blocks, stacks, 1);
  }

  private static ChosenBlocks grouped(
      BlockQuestion question,
      GroupBy groupBy,
      FrameFilter filter,
      IncarnationReport report,
      Map<BlockKey, BlockNumbers> blocks,
      StackBook stacks,
      long leastChosen) {
    Map<BlockGroup.Name, BlockNumbers> sums = new HashMap<>();
    BlockNumbers all = BlockNumbers.NONE;
    for (Map.Entry<BlockKey, BlockNumbers> entry : blocks.entrySet()) {
      List<Frame> frames = stacks.frames(entry.getKey().stack().stackId());
      if (filter.passes(frames)) {
        all = all.plus(entry.getValue());
        sums.merge(
            name(groupBy, report, entry.getKey(), frames), entry.getValue(), BlockNumbers::plus);
      }
    }
    List<BlockGroup> groups = new ArrayList<>();
    sums.forEach((name, numbers) -> {
      if (numbers.chosenCount() >= leastChosen) {
        groups.add(new BlockGroup(name, numbers));
      }
    });
    groups.sort(BlockGroup.ORDER);
    return new ChosenBlocks(question, groupBy, report, all, groups);
  }

  /** The same with every group that was allocated in, also those without a chosen block. */
  public static ChosenBlocks whole(
      BlockQuestion question,
      GroupBy groupBy,
      FrameFilter filter,
      IncarnationReport report,
      Map<BlockKey, BlockNumbers> blocks,
      StackBook stacks) {
    return grouped(question, groupBy, filter, report, blocks, stacks, 0);
  }

  /** Whether freed blocks are asked for, not outstanding ones. */
  public boolean isOfFreed() {
    return question.freed() != null;
  }

  private static BlockGroup.Name name(
      GroupBy groupBy, IncarnationReport report, BlockKey key, List<Frame> frames) {
    Frame allocating = frame(frames, 0);
    return switch (groupBy.kind()) {
      case STACK -> new BlockGroup.Stack(new BlockKey(key.stack(), null, null));
      case CALLER -> BlockGroup.Function.of(frame(frames, groupBy.callers()));
      case FUNCTION -> BlockGroup.Function.of(allocating);
      case FILE -> new BlockGroup.Text(allocating == null ? null : allocating.getFile());
      case MODULE -> new BlockGroup.Text(allocating == null ? null : allocating.getModule());
      case THREAD, SIZE -> new BlockGroup.Numbered(key.number());
      case SPACE -> new BlockGroup.Text(key.stack().space().label());
      case PROCESS -> new BlockGroup.Text(report.incarnation());
      case FREE_STACK -> new BlockGroup.FreeStack(new BlockKey(null, null, key.releaser()));
    };
  }

  /** A frame by its distance from the allocation; the outermost where there are fewer. */
  private static Frame frame(List<Frame> frames, int above) {
    return frames == null || frames.isEmpty()
        ? null
        : frames.get(Math.min(above, frames.size() - 1));
  }
}
