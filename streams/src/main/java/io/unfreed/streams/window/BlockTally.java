package io.unfreed.streams.window;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneObserver;
import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Sums;
import java.util.HashMap;
import java.util.Map;

/**
 * Adds up the blocks of a lane that a question is about. What is freed is added when it is freed,
 * so that memory follows the kinds of blocks and not their number. Not thread-safe.
 */
public final class BlockTally implements LaneObserver {
  /** In place of the releaser of a block that was not released. */
  private static final long NOT_RELEASED = -1;

  private final BlockQuestion question;
  private final BlockCells closed = new BlockCells();
  private long nowNanos;

  /** A tally of a lane of which nothing has come yet. */
  public BlockTally(BlockQuestion question) {
    this.question = question;
  }

  /**
   * Takes what became of all blocks of a lane before this was told of any. Only for a question
   * about blocks whenever they were born, by their stacks.
   */
  public void beganBehind(LaneBlocks blocks) {
    EntryView view = blocks.entries();
    long[] liveCount = new long[view.entries()];
    long[] liveBytes = new long[view.entries()];
    blocks.forEachLive(
        0,
        (block, certain) -> {
          liveCount[block.entry()]++;
          liveBytes[block.entry()] += block.sizeBytes();
        });
    for (int entry = 0; entry < view.entries(); entry++) {
      if (view.allocations(entry) > liveCount[entry]) {
        BlockCells.Cell cell = closed.of(entry, 0);
        cell.allocations = view.allocations(entry) - liveCount[entry];
        cell.allocatedBytes = view.allocatedBytes(entry) - liveBytes[entry];
        cell.frees = view.frees(entry);
        cell.superseded = view.superseded(entry);
        cell.closedByExec = view.closedByExec(entry);
      }
    }
  }

  @Override
  public boolean event(long eventNanos) {
    nowNanos = eventNanos;
    return question.born().contains(eventNanos);
  }

  @Override
  public void opened(Block block) {}

  @Override
  public void shrunk(Block left, long bytes) {}

  @Override
  public void closed(Block block, Why why, int releaser, long timeNanos) {
    if (!isAsked(block)) {
      return;
    }
    BlockCells.Cell cell = cell(closed, block, why == Why.FREED ? releaser : NOT_RELEASED);
    born(cell, block);
    switch (why) {
      case FREED -> {
        cell.frees++;
        long lifeNanos = Math.max(0, timeNanos - block.timeNanos());
        if (question.freed() != null
            && question.freed().contains(nowNanos)
            && lifeNanos >= question.olderNanos()) {
          cell.freedCount++;
          cell.freedBytes = Sums.of(cell.freedBytes, block.sizeBytes());
        }
      }
      case SUPERSEDED -> cell.superseded++;
      case CLOSED_BY_EXEC -> cell.closedByExec++;
    }
  }

  /** Memory that is taken, roughly. */
  public long heldBytes() {
    return closed.heldBytes();
  }

  /**
   * What the question is answered with as of the last event.
   *
   * @param momentNanos session time at which ages are judged
   * @param missingTail events that are known to be missing behind the last batch
   */
  public Map<BlockKey, BlockNumbers> numbers(
      LaneBlocks blocks, long momentNanos, long missingTail) {
    BlockCells all = closed.copy();
    blocks.forEachLive(
        missingTail,
        (block, certain) -> {
          if (isAsked(block)) {
            BlockCells.Cell cell = cell(all, block, NOT_RELEASED);
            born(cell, block);
            if (question.freed() == null) {
              live(cell, block, certain, momentNanos);
            }
          }
        });
    Map<BlockKey, BlockNumbers> numbers = new HashMap<>();
    all.forEach((kind, cell) -> numbers.put(key(blocks, kind), cell.numbers()));
    return numbers;
  }

  private void live(BlockCells.Cell cell, Block block, boolean certain, long momentNanos) {
    if (Math.max(0, momentNanos - block.timeNanos()) < question.olderNanos()) {
      return;
    }
    cell.outstandingCount++;
    cell.outstandingBytes = Sums.of(cell.outstandingBytes, block.leftBytes());
    cell.certainBytes = Sums.of(cell.certainBytes, certain ? block.leftBytes() : 0);
    cell.oldestNanos = Math.min(cell.oldestNanos, block.timeNanos());
  }

  private boolean isAsked(Block block) {
    return block.asked() && question.sizes().passes(block.sizeBytes());
  }

  private static void born(BlockCells.Cell cell, Block block) {
    cell.allocations++;
    cell.allocatedBytes = Sums.of(cell.allocatedBytes, block.sizeBytes());
  }

  private BlockCells.Cell cell(BlockCells cells, Block block, long releaser) {
    long number =
        switch (question.dimension()) {
          case NONE -> 0;
          case THREAD -> block.tid();
          case SIZE -> block.sizeBytes();
          case RELEASER -> releaser;
        };
    return cells.of(block.entry(), number);
  }

  private BlockKey key(LaneBlocks blocks, BlockCells.Kind kind) {
    Long number = null;
    StackId releaser = null;
    switch (question.dimension()) {
      case NONE -> {}
      case THREAD, SIZE -> number = kind.number();
      case RELEASER ->
          releaser = kind.number() == NOT_RELEASED ? null : blocks.releaser((int) kind.number());
    }
    return new BlockKey(blocks.stack(kind.entry()), number, releaser);
  }
}
