package io.unfreed.streams.record;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.Occasion;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackNumbers;
import java.util.ArrayList;
import java.util.List;

/** Statements of lanes as records of bounded size, and back. */
public final class StatementRecords {
  /** A part holds at most this many stacks, so that it stays under 512 kB. */
  static final int STACKS_PER_PART = 250;

  private StatementRecords() {}

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
