package io.unfreed.streams.trace;

import io.unfreed.schemas.TraceStatement;

/**
 * One row's last two statements: the newest may be of a tick whose head never came, because the
 * recorder was killed between.
 */
final class StatedRow {
  private final CameSequences came = new CameSequences();
  private TraceStatement newest;
  private TraceStatement before;
  private TraceStatement first;

  /** In any order; a repeat is passed over. */
  void add(TraceStatement statement) {
    long sequence = statement.getSequence();
    if (!came.add(sequence)) {
      return;
    }
    if (came.isBegun()) {
      first = null;
    } else if (first == null || sequence < first.getSequence()) {
      first = statement;
    }
    if (newest == null || sequence > newest.getSequence()) {
      before = newest;
      newest = statement;
    } else if (before == null || sequence > before.getSequence()) {
      before = statement;
    }
  }

  /** Up to a tick; null when there is none. */
  TraceStatement upTo(long tick) {
    if (newest.getTick() <= tick) {
      return newest;
    }
    return before == null || before.getTick() > tick ? null : before;
  }

  /** How many came up to a tick, which is the last one or that before. */
  long countUpTo(long tick) {
    return came.count() - (newest.getTick() > tick ? 1 : 0);
  }

  /** The first that came when earlier ones did not; else null. */
  TraceStatement begun() {
    return first;
  }

  /** Memory that it takes, roughly. */
  long heldBytes() {
    return (first == null ? 2 : 3) * TraceBook.STATEMENT_BYTES + came.heldBytes();
  }
}
