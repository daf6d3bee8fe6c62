package io.unfreed.collector.importer;

import io.unfreed.collector.sink.RecordingSink;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** A file that was recognised, ready to be copied to a sink. */
public interface Recording {
  /** What the file holds, recognised by its content. */
  enum Kind {
    CAPTURE("capture"),
    HEAPTRACK_RAW("heaptrack raw file"),
    HEAPTRACK_INTERPRETED("heaptrack file"),
    MTRACE("mtrace log");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** In words, for messages. */
    public String text() {
      return text;
    }
  }

  /** What the file holds. */
  Kind kind();

  /**
   * Reads the file and gives sessions, stacks and batches to the sink, in order; does not close it.
   * Can be called again, and then gives the same.
   *
   * @throws io.unfreed.collector.capture.RecordingException for a malformed line (unless lenient)
   *     and for a file that can no longer be read
   */
  ImportResult copyTo(RecordingSink sink) throws IOException;

  /**
   * Whether it is what a tracer counted, and not allocations.
   *
   * @throws io.unfreed.collector.capture.RecordingException when it can no longer be read
   */
  default boolean isTrace() throws IOException {
    return false;
  }

  /** Whether {@link #copyTo} says places, and {@link #copyFrom} can begin at them. */
  default boolean hasPlaces() {
    return false;
  }

  /**
   * Reads on from a place, what is damaged left out without a word.
   *
   * @param offset as it was said
   * @param isEnough asked before each block; it may be late
   */
  default void copyFrom(long offset, RecordingSink sink, BooleanSupplier isEnough)
      throws IOException {
    throw new UnsupportedOperationException(kind().text() + " has no places");
  }
}
