package io.unfreed.streams.lane;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.ledger.BlockObserver;
import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Releasers;

/** The blocks of a lane that is observed, and what the numbers mean that its observer is told. */
public final class LaneBlocks {
  private final LaneLedger ledger;

  LaneBlocks(LaneLedger ledger) {
    this.ledger = ledger;
  }

  /** Stack and space of an entry. */
  public StackKey stack(int entry) {
    return ledger.books().key(entry);
  }

  /** The same; null when it is not known. */
  public StackId releaserOrNull(int number) {
    return number == Releasers.UNKNOWN ? null : ledger.releaser(number);
  }

  /** The stack that releases, by its number. */
  public StackId releaser(int number) {
    return ledger.releaser(number);
  }

  /** What the lane's events amount to, by entry; valid until the next event. */
  public EntryView entries() {
    return ledger.view();
  }

  /**
   * Calls for every outstanding block.
   *
   * @param missingTail events that are known to be missing behind the last batch
   */
  public void forEachLive(long missingTail, BlockObserver.LiveVisitor visitor) {
    if (missingTail == 0) {
      ledger.forEachLive(visitor);
      return;
    }
    ledger.missingTail(missingTail);
    ledger.forEachLive(visitor);
    ledger.missingTail(0);
  }
}
