package io.unfreed.collector.live;

import io.unfreed.shim.NativeSide;
import io.unfreed.shim.arena.SharedArena;
import java.io.IOException;
import java.util.List;

/** How the library comes into what is recorded, and out of it. Used by the recording's thread. */
interface ShimTarget extends AutoCloseable {
  /** What a target can tell of itself. */
  enum Life {
    RUNS,
    ENDED,
    /** Lanes end with their processes; whoever has none left has ended. */
    KNOWN_BY_LANES
  }

  /** Takes memory that will be written to. */
  interface Sources {
    /**
     * Reads it from now on.
     *
     * @param mappingName part of how it is called in /proc/PID/maps
     */
    void add(SharedArena arena, String mappingName);
  }

  /**
   * Brings the library in; a command still waits.
   *
   * @return what is recorded
   * @throws IOException in one line, when nothing can be
   */
  List<Integer> begin(NativeSide machine, SessionFacts facts, Sources sources) throws IOException;

  /** Lets a command go. */
  void release();

  /** As {@link Recorder#awaitCommand}. */
  int awaitCommand();

  /** Whether what was asked for still runs. */
  Life life();

  /** Takes the library's hooks out of what still runs. */
  void detach(SessionFacts facts);

  /** Tells lanes of a command that ran without ever registering. */
  void neverRegistered(ShimLanes lanes);

  /** After a failure: what has not begun does not; hooks go. Nothing after an orderly end. */
  void abandon(SessionFacts facts);

  @Override
  void close();
}
