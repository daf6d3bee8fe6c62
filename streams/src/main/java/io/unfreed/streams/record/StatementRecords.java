package io.unfreed.streams.record;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.Occasion;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackNumbers;
import java.util.ArrayList;
import java.util.List;

/** Statements of lanes as records of bounded size, and back. */
public final class StatementRecords {
  /** A part holds at most this many stacks, so that it stays under 512 kB. */
  static final int STACKS_PER_PART = 250;

  private StatementRecords() {}

  /**
   * Refuses what no lane states: the stages trust these numbers, and the topic is open to others.
   *
   * @throws MalformedBatchException naming what is wrong
   */
  public static void check(LaneTick part) throws MalformedBatchException {
    int lanes = part.getLaneCount();
    if (lanes < 1 || lanes > BatchHeader.LARGEST_LANE_COUNT || part.getLane() >= lanes) {
      throw new MalformedBatchException("lane " + part.getLane() + " of " + lanes + " lanes");
    }
    if (part.getPart() < 0 || part.getPart() >= part.getParts()) {
      throw new MalformedBatchException("part " + part.getPart() + " of " + part.getParts());
    }
    checkText(part.getSession());
    checkText(part.getIncarnation());
    checkText(part.getMarker());
    checkText(part.getProcess().getCommand());
    try {
      LaneKey _ = new LaneKey(part.getSession(), part.getIncarnation(), part.getLane());
      part.getChanged().forEach(stack -> VerdictRecords.fromRecord(stack.getAccumulation()));
    } catch (IllegalArgumentException e) {
      throw new MalformedBatchException("statement: " + e.getMessage(), e);
    }
  }

  /** Each is published again with every stack and report. */
  private static void checkText(String text) throws MalformedBatchException {
    if (text != null && text.length() > BatchHeader.LARGEST_TEXT_BYTES) {
      throw new MalformedBatchException("a text of " + text.length() + " characters");
    }
  }

  /** The statement in parts, in order. */
  public static List<LaneTick> toRecords(LaneStatement statement) {
    List<StackNumbers> stacks = statement.stacks();
    int parts = Math.max(1, Math.ceilDiv(stacks.size(), STACKS_PER_PART));
    List<LaneTick> records = new ArrayList<>(parts);
    for (int part = 0; part < parts; part++) {
      int from = part * STACKS_PER_PART;
      int to = Math.min(stacks.size(), from + STACKS_PER_PART);
      records.add(toRecord(statement, part, parts, stacks.subList(from, to)));
    }
    return records;
  }

  /** Puts the parts of one statement together. */
  public static LaneStatement fromRecords(List<LaneTick> parts) {
    LaneTick head = parts.getFirst();
    List<StackNumbers> stacks = new ArrayList<>();
    for (LaneTick part : parts) {
      part.getChanged().forEach(s -> stacks.add(StackRecords.fromRecord(s)));
    }
    return new LaneStatement(
        new LaneStatement.Lane(
            new LaneKey(head.getSession(), head.getIncarnation(), head.getLane()),
            head.getLaneCount(),
            head.getProcess(),
            head.getFiltered(),
            head.getKernel()),
        new LaneStatement.Moment(
            LaneStatement.Occasion.valueOf(head.getOccasion().name()),
            head.getMarker(),
            head.getFirstTick(),
            head.getLastTick(),
            head.getAtNanos()),
        head.getTotals() == null ? null : StackRecords.fromRecord(head.getTotals()),
        stacks);
  }

  private static LaneTick toRecord(
      LaneStatement s, int part, int parts, List<StackNumbers> stacks) {
    return LaneTick.newBuilder()
        .setSession(s.key().session())
        .setIncarnation(s.key().incarnation())
        .setLane(s.key().lane())
        .setLaneCount(s.lane().laneCount())
        .setProcess(s.lane().process())
        .setOccasion(Occasion.valueOf(s.occasion().name()))
        .setMarker(s.marker())
        .setFirstTick(s.firstTick())
        .setLastTick(s.lastTick())
        .setAtNanos(s.atNanos())
        .setFiltered(s.lane().filtered())
        .setKernel(s.lane().kernel())
        .setTotals(s.totals() == null ? null : StackRecords.toRecord(s.totals()))
        .setPart(part)
        .setParts(parts)
        .setChanged(stacks.stream().map(StackRecords::toRecord).toList())
        .build();
  }
}
