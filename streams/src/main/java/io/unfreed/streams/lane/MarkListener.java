package io.unfreed.streams.lane;

/** Is told of named moments. */
public interface MarkListener {
  /** A mark, with its stamp. */
  void mark(String label, long atNanos);
}
