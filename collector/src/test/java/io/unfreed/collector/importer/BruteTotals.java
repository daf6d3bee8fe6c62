package io.unfreed.collector.importer;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Totals of imported batches by plain maps: what a reader of the events would count by hand. */
final class BruteTotals {
  private static final long PAGE = 4096;

  /** Tells a mapping from a heap block at the same address, which is even. */
  private static final long MAPPING = 1;

  /** A live block. */
  record Live(long sizeBytes, StackId stack) {}

  /** Bytes and blocks of a stack. */
  record Held(long bytes, long count) {}

  final Map<Long, Live> live = new HashMap<>();
  long allocations;
  long frees;
  long unmatchedFrees;
  long superseded;
  long allocatedBytes;
  long temporary;
  long outstandingBytes;
  long peakBytes;
  boolean ended;
  long endNanos;
  private final Map<Integer, Long> lastAllocated = new HashMap<>();

  static BruteTotals of(List<EncodedBatch> batches) {
    BruteTotals totals = new BruteTotals();
    EventCursor cursor = new EventCursor();
    long ordinal = 0;
    long sequence = 0;
    for (EncodedBatch batch : batches) {
      try {
        var header = cursor.reset(batch.body(), 0, batch.body().length);
        if (header.sequence() != sequence++ || header.firstOrdinal() != ordinal) {
          throw new AssertionError("gap at sequence " + header.sequence());
        }
        if (batch.body().length > 512 * 1024 || batch.eventCount() != cursor.eventCount()) {
          throw new AssertionError("batch " + header.sequence() + " is wrong");
        }
      } catch (MalformedBatchException e) {
        throw new AssertionError(e);
      }
      ordinal += cursor.eventCount();
      while (cursor.next()) {
        totals.apply(cursor);
      }
    }
    return totals;
  }

  private void apply(EventCursor event) {
    switch (event.code()) {
      case EventCodes.ALLOC_HEAP -> allocate(event, event.address(), event.value());
      case EventCodes.MAP ->
          allocate(event, event.address() | MAPPING, Math.ceilDiv(event.value(), PAGE) * PAGE);
      case EventCodes.FREE_HEAP -> {
        Live block = live.remove(event.address());
        if (block == null) {
          unmatchedFrees++;
        } else {
          frees++;
          outstandingBytes -= block.sizeBytes();
          Long last = lastAllocated.get(event.thread());
          temporary += last != null && last == event.address() ? 1 : 0;
        }
        lastAllocated.remove(event.thread());
      }
      case EventCodes.EXEC -> {
        if (!live.isEmpty()) {
          throw new AssertionError("blocks of another program");
        }
      }
      case EventCodes.EXIT, EventCodes.END -> {
        ended = true;
        endNanos = event.timeNanos();
      }
      default -> throw new AssertionError("unexpected code " + event.code());
    }
  }

  private void allocate(EventCursor event, long address, long sizeBytes) {
    allocations++;
    allocatedBytes += sizeBytes;
    StackId stack = event.stacks().get(event.stackRef());
    Live before = live.put(address, new Live(sizeBytes, stack));
    if (before != null) {
      superseded++;
      outstandingBytes -= before.sizeBytes();
    }
    outstandingBytes += sizeBytes;
    peakBytes = Math.max(peakBytes, outstandingBytes);
    lastAllocated.put(event.thread(), address);
  }

  Map<StackId, Held> byStack() {
    Map<StackId, Held> held = new HashMap<>();
    for (Live block : live.values()) {
      held.merge(
          block.stack(),
          new Held(block.sizeBytes(), 1),
          (a, b) -> new Held(a.bytes() + b.bytes(), a.count() + b.count()));
    }
    return held;
  }

  Held largestStack() {
    return byStack().values().stream()
        .max(Comparator.comparingLong(Held::bytes).thenComparingLong(Held::count))
        .orElse(new Held(0, 0));
  }

  /** Name by name as the manifest has them. */
  Map<String, Long> named() {
    Map<String, Long> totals = new LinkedHashMap<>();
    totals.put("allocations", allocations);
    totals.put("frees", frees);
    totals.put("unmatchedFrees", unmatchedFrees);
    totals.put("superseded", superseded);
    totals.put("temporaryAllocations", temporary);
    totals.put("allocatedBytes", allocatedBytes);
    totals.put("peakBytes", peakBytes);
    totals.put("outstandingBytes", outstandingBytes);
    totals.put("outstandingCount", (long) live.size());
    totals.put("distinctStacks", (long) byStack().size());
    totals.put("largestStack.outstandingBytes", largestStack().bytes());
    totals.put("largestStack.outstandingCount", largestStack().count());
    return totals;
  }
}
