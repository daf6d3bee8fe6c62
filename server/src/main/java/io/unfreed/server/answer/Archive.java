package io.unfreed.server.answer;

import io.unfreed.query.LedgerSink;
import io.unfreed.schemas.Session;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Where recorded events are. Called by many threads at once. */
public interface Archive {
  /**
   * The sessions, oldest first; null when only reading all the events tells.
   *
   * @throws IOException when they cannot be read
   */
  List<Session> sessions() throws IOException;

  /**
   * Gives the records of sessions to ledgers.
   *
   * @param session id or its beginning; null for what a command takes that was told none
   * @param ledger passes over what it is not asked for
   * @throws IOException when they cannot be read
   */
  void copyTo(String session, LedgerSink ledger) throws IOException;

  /**
   * A session as it is now, from what somebody has computed already.
   *
   * @param session id or its beginning; null for what a command takes that was told none
   * @return null when its events have to be read
   */
  default Reading now(String session) {
    return null;
  }

  /**
   * Memory that may be taken to remember, beside a reading of all, what ledgers had come to at
   * places of the recording; 0 where no reading can begin at any ({@link #copyFrom}).
   */
  default long checkpointBytes() {
    return 0;
  }

  /**
   * Gives the records behind a place to ledgers.
   *
   * @param offset as a ledger was told it
   * @param isEnough nothing more is needed; it is asked now and then
   */
  default void copyFrom(long offset, LedgerSink ledger, BooleanSupplier isEnough)
      throws IOException {
    throw new UnsupportedOperationException("no places here");
  }

  /** Equal as long as the same question has the same answer. */
  Object version();

  /**
   * Gives what tracers stated to ledgers, and of other recordings as little as can be.
   *
   * @param session id or its beginning; null for what a command takes that was told none
   * @throws IOException when it cannot be read
   */
  default void copyTraces(String session, LedgerSink ledger) throws IOException {
    copyTo(session, ledger);
  }

  /** {@link #version} of what tracers stated. */
  default Object traceVersion() {
    return version();
  }

  /** Whether there may be recordings of allocations. */
  default boolean hasBlocks() throws IOException {
    return true;
  }

  /** Whether there may be traces. */
  default boolean hasTraces() throws IOException {
    return true;
  }
}
