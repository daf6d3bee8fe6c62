package io.unfreed.streams.record;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.Occasion;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.lane.FreedBy;
import io.unfreed.streams.ledger.AddressSpace;

/**
 * Refuses what no lane states: the stages trust statements, and the topic is open to others. What
 * is made of one is published and stored again, so no list may have any length.
 */
public final class StatementChecks {
  /** So many have 2.5 million stacks; the record of a part says its own number with 6 digits. */
  static final int MOST_PARTS = 10_000;

  /** One for each power of two of a duration, and one for none. */
  static final int MOST_LIFETIMES = Long.SIZE + 1;

  private StatementChecks() {}

  /**
   * Refuses one of the topic.
   *
   * @throws MalformedBatchException naming what is wrong
   */
  public static void check(byte[] key, LaneTick part) throws MalformedBatchException {
    check(part);
    RecordKeys.check(key, lane(part));
    refuseIf(
        part.getOccasion() == Occasion.MARKER && part.getMarker() == null,
        "an answer to no marker");
  }

  /**
   * Refuses one of any origin.
   *
   * @throws MalformedBatchException naming what is wrong
   */
  public static void check(LaneTick part) throws MalformedBatchException {
    int lanes = part.getLaneCount();
    refuseIf(
        lanes < 1 || lanes > BatchHeader.LARGEST_LANE_COUNT || part.getLane() >= lanes,
        "lane " + part.getLane() + " of " + lanes + " lanes");
    refuseIf(
        part.getPart() < 0 || part.getPart() >= part.getParts() || part.getParts() > MOST_PARTS,
        "part " + part.getPart() + " of " + part.getParts());
    checkText(part.getSession());
    checkText(part.getIncarnation());
    checkText(part.getMarker());
    checkText(part.getProcess().getCommand());
    try {
      LaneKey _ = lane(part);
      checkTotals(part);
      for (StackState stack : part.getChanged()) {
        check(stack);
      }
    } catch (IllegalArgumentException e) {
      throw new MalformedBatchException("statement: " + e.getMessage(), e);
    }
  }

  private static LaneKey lane(LaneTick part) {
    return new LaneKey(part.getSession(), part.getIncarnation(), part.getLane());
  }

  private static void checkTotals(LaneTick part) throws MalformedBatchException {
    boolean areWanted = part.getOccasion() != Occasion.MARKER;
    refuseIf(areWanted && part.getTotals() == null, "no totals");
    refuseIf(
        part.getTotals() != null && part.getTotals().getBySpace().size() > AddressSpace.ALL.size(),
        "more spaces than there are");
  }

  private static void check(StackState stack) throws MalformedBatchException {
    int lifetimes = stack.getLifetimes().size();
    refuseIf(lifetimes > MOST_LIFETIMES, "a stack with " + lifetimes + " lifetimes");
    int releasers = stack.getFreedBy() == null ? 0 : stack.getFreedBy().getStacks().size();
    refuseIf(releasers > FreedBy.LISTED, "a stack with " + releasers + " releasers");
    refuseIf(stack.getVerdict() != null, "a stack that is judged before it is merged");
    VerdictRecords.fromRecord(stack.getAccumulation());
  }

  /** Each is published again with every stack and report. */
  private static void checkText(String text) throws MalformedBatchException {
    refuseIf(
        text != null && text.length() > BatchHeader.LARGEST_TEXT_BYTES, "a text that is too long");
  }

  private static void refuseIf(boolean wrong, String what) throws MalformedBatchException {
    if (wrong) {
      throw new MalformedBatchException("statement: " + what);
    }
  }
}
