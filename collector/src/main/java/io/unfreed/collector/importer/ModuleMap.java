package io.unfreed.collector.importer;

import io.unfreed.schemas.stack.FrameKey;
import java.util.TreeMap;

/**
 * Which module lies at an address, from the {@code m} lines in force. Segments are half open: call
 * addresses were decremented by one, so they lie inside.
 */
final class ModuleMap {
  private record Segment(long end, String module, long loadBias) {}

  private final TreeMap<Long, Segment> segments = new TreeMap<>(Long::compareUnsigned);

  /** Forgets every module. */
  void clear() {
    segments.clear();
  }

  /** Adds a segment of {@code sizeBytes} at {@code loadBias + virtualAddress}. */
  void add(String module, long loadBias, long virtualAddress, long sizeBytes) {
    long start = loadBias + virtualAddress;
    segments.put(start, new Segment(start + sizeBytes, module, loadBias));
  }

  /** Identity of a call address: relative to its module, or raw outside any. */
  FrameKey key(long address) {
    var floor = segments.floorEntry(address);
    if (floor == null || Long.compareUnsigned(address, floor.getValue().end()) >= 0) {
      return new FrameKey.Raw(address);
    }
    Segment segment = floor.getValue();
    return new FrameKey.InModule(segment.module(), address - segment.loadBias());
  }
}
