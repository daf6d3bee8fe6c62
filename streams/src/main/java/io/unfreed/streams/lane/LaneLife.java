package io.unfreed.streams.lane;

import io.unfreed.streams.snapshot.UnreadableSnapshotException;

/** Where a lane is in its life. Only a live one takes events. */
sealed interface LaneLife {
  /** The ledger that can be asked; null when the lane is over and will not be asked again. */
  LaneLedger ledger();

  /** Takes events. */
  sealed interface Live extends LaneLife {}

  /** No event has told a time yet. */
  record Waiting(LaneLedger ledger) implements Live {}

  /** Events come. */
  record Running(LaneLedger ledger) implements Live {}

  /** Events behind the asked moment are left out; the ledger is as of that moment. */
  record Stopped(LaneLedger ledger) implements LaneLife {}

  /** The process or the session is over. */
  record Ended(LaneLedger ledger) implements LaneLife {}

  /** What names the kind in a snapshot. */
  default int code() {
    return switch (this) {
      case Waiting _ -> 0;
      case Running _ -> 1;
      case Stopped _ -> 2;
      case Ended _ -> 3;
    };
  }

  /** The kind that a snapshot names. */
  static LaneLife of(int code, LaneLedger ledger) {
    return switch (code) {
      case 0 -> new Waiting(ledger);
      case 1 -> new Running(ledger);
      case 2 -> new Stopped(ledger);
      case 3 -> new Ended(ledger);
      default -> throw new UnreadableSnapshotException("a lane in state " + code);
    };
  }
}
