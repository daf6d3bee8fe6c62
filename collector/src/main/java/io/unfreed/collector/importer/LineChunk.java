package io.unfreed.collector.importer;

/**
 * Whole lines, each ended by a line feed, one behind the other. Reused; valid until it is given
 * back.
 */
final class LineChunk {
  private final byte[] bytes;
  private int length;

  LineChunk(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  void length(int value) {
    length = value;
  }
}
