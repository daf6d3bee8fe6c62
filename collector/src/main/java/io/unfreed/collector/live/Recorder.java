package io.unfreed.collector.live;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Session;
import java.io.IOException;
import java.util.List;

/**
 * One live recording, whichever way it sees the calls: opened, {@link #start}, {@link #run} on one
 * thread until it is over, {@link #close}. {@link #stop} and {@link #mark} may be called by any
 * thread.
 */
public interface Recorder extends AutoCloseable {
  /** Is told once, when recording has begun: nothing that a command does has happened yet. */
  interface Beginning {
    /**
     * What sees the calls is in place and the session was given to the sink. What this throws ends
     * the recording.
     *
     * @param tgids what is recorded; 0 is the kernel
     */
    void begun(Session session, List<Integer> tgids) throws IOException;
  }

  /**
   * Begins, gives the session to the sink and, for a command, lets it run.
   *
   * @param flushNanos flush the sink this often; 0 for never
   * @param beginning is told before a command runs
   */
  void start(RecordingSink sink, long flushNanos, Beginning beginning) throws IOException;

  /** The session as it began. */
  Session session();

  /** Blocks until the started command has ended: its status, or 128 and its signal. */
  int awaitCommand();

  /** Ends {@link #run} soon. */
  void stop();

  /** Names this moment in the running incarnations. */
  void mark(String label);

  /**
   * Records until every target has exited, the plan's duration is over, or {@link #stop}; then ends
   * the session.
   *
   * @throws IOException when the sink failed; what it took before is kept
   */
  Ending run() throws IOException;

  /** How it goes; any thread may ask. */
  RecorderNumbers numbers();

  /** Lines for the user: what is not seen, what is named worse than it could be. */
  List<String> notes();

  @Override
  void close();
}
