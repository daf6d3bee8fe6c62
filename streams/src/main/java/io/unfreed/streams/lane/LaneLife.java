package io.unfreed.streams.lane;

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
}
