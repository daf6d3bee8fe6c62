package io.unfreed.bpf.ring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reader over memory laid out as the kernel lays it out (kernel/bpf/ringbuf.c). */
class RingBufferTest {
  private static final int CAPACITY = 4096;
  private static final int BUSY = 1 << 31;
  private static final int DISCARD = 1 << 30;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment consumer = arena.allocate(4096, 8);
  private final MemorySegment producer = arena.allocate(4096, 8);
  private final MemorySegment data = arena.allocate(2 * CAPACITY, 8);
  private final RingBuffer ring = new RingBuffer(arena, consumer, producer, data);
  private final Seen seen = new Seen();
  private long produced;

  @Test
  void shouldGiveEventsInOrderAndTheirSpaceBack() {
    events(0, 1);
    events(0, 2);
    assertThat(ring.poll(seen, 10)).isEqualTo(2);
    assertThat(seen.addresses).containsExactly(1L, 2L);
    assertThat(consumer.get(JAVA_LONG, 0)).isEqualTo(produced);
    assertThat(ring.poll(seen, 10)).isZero();
  }

  @Test
  void shouldGiveEveryEventOfARecordThatHoldsMany() {
    events(0, 3, 4, 5);
    assertThat(ring.poll(seen, 10)).isEqualTo(1);
    assertThat(seen.addresses).containsExactly(3L, 4L, 5L);
  }

  @Test
  void shouldStopAtABusyRecordAndSkipADiscardedOne() {
    events(DISCARD, 6);
    events(0, 7);
    long busy = produced;
    events(BUSY, 8);
    events(0, 9);
    assertThat(ring.poll(seen, 10)).isEqualTo(2);
    assertThat(seen.addresses).containsExactly(7L);
    data.set(JAVA_INT, busy, data.get(JAVA_INT, busy) & ~BUSY);
    ring.poll(seen, 10);
    assertThat(seen.addresses).containsExactly(7L, 8L, 9L);
  }

  @Test
  void shouldReadAcrossTheEndAndGoRoundAgain() {
    for (long i = 0; i < 1000; i++) {
      events(0, i);
      assertThat(ring.poll(seen, 10)).isEqualTo(1);
    }
    assertThat(seen.addresses).hasSize(1000).last().isEqualTo(999L);
  }

  @Test
  void shouldNotGiveARecordTwiceWhenItsHandlerThrows() {
    events(0, 1);
    events(0, 2);
    seen.throwAt = 1;
    assertThatThrownBy(() -> ring.poll(seen, 10)).isInstanceOf(IllegalStateException.class);
    ring.poll(seen, 10);
    assertThat(seen.addresses).containsExactly(2L);
  }

  @Test
  void shouldTakeNoMoreThanTheLimit() {
    events(0, 1);
    events(0, 2);
    assertThat(ring.poll(seen, 1)).isEqualTo(1);
    assertThat(seen.addresses).containsExactly(1L);
  }

  /** Appends a record of events that differ in their addresses; the data is "mapped twice". */
  private void events(int flags, long... addresses) {
    int length = RecordLayout.HEADER_BYTES + addresses.length * RecordLayout.EVENT_BYTES;
    MemorySegment record = arena.allocate(8L + length, 8);
    record.set(JAVA_INT, 0, length | flags);
    record.set(JAVA_SHORT, 8, (short) RecordLayout.TYPE_EVENTS);
    record.set(JAVA_SHORT, 10, (short) addresses.length);
    for (int i = 0; i < addresses.length; i++) {
      long at = 16L + i * RecordLayout.EVENT_BYTES;
      record.set(JAVA_LONG, at + RecordLayout.EVENT_ADDRESS, addresses[i]);
    }
    for (long i = 0; i < record.byteSize(); i++) {
      long at = (produced + i) % CAPACITY;
      data.set(JAVA_BYTE, at, record.get(JAVA_BYTE, i));
      data.set(JAVA_BYTE, at + CAPACITY, record.get(JAVA_BYTE, i));
    }
    produced += record.byteSize();
    producer.set(JAVA_LONG, 0, produced);
  }

  private static final class Seen implements RecordHandler {
    private final List<Long> addresses = new ArrayList<>();
    private long throwAt = -1;

    @Override
    public void onEvent(EventCursor event) {
      if (event.address() == throwAt) {
        throw new IllegalStateException();
      }
      addresses.add(event.address());
    }

    @Override
    public void onStack(StackCursor stack) {}

    @Override
    public void onProcess(ProcessCursor process) {}
  }
}
