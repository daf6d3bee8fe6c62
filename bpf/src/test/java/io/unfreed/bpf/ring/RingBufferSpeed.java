package io.unfreed.bpf.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Not a test: prints the reader's cost per event, one event a record and 64 (run its main). */
final class RingBufferSpeed {
  private static final int CAPACITY = 1 << 24;

  private RingBufferSpeed() {}

  public static void main(String[] arguments) {
    for (int perRecord : new int[] {1, 64, 1, 64, 1, 64}) {
      System.out.printf("%d events a record: %.1f ns an event%n", perRecord, measure(perRecord));
    }
  }

  private static double measure(int perRecord) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment consumer = arena.allocate(4096, 8);
      MemorySegment producer = arena.allocate(4096, 8);
      MemorySegment data = arena.allocate(2L * CAPACITY, 8);
      int length = RecordLayout.HEADER_BYTES + perRecord * RecordLayout.EVENT_BYTES;
      int records = CAPACITY / (8 + length);
      for (int i = 0; i < records; i++) {
        long at = (long) i * (8 + length);
        data.set(JAVA_INT, at, length);
        data.set(JAVA_SHORT, at + 8, (short) RecordLayout.TYPE_EVENTS);
        data.set(JAVA_SHORT, at + 10, (short) perRecord);
      }
      Sum sum = new Sum();
      long events = 0;
      long start = System.nanoTime();
      for (int round = 0; round < 200; round++) {
        consumer.set(JAVA_LONG, 0, 0);
        producer.set(JAVA_LONG, 0, (long) records * (8 + length));
        RingBuffer ring = new RingBuffer(arena, consumer, producer, data);
        while (ring.poll(sum, 4096) > 0) {
          // to the end
        }
        events += (long) records * perRecord;
      }
      return (double) (System.nanoTime() - start) / events;
    }
  }

  private static final class Sum implements RecordHandler {
    @SuppressWarnings("UnusedVariable")
    private long value;

    @Override
    public void onEvent(EventCursor e) {
      value += e.timeNanos() + e.address() + e.sizeBytes() + e.stackReference() + e.tid();
      value += e.kind() + e.space();
    }

    @Override
    public void onStack(StackCursor stack) {}

    @Override
    public void onProcess(ProcessCursor process) {}
  }
}
