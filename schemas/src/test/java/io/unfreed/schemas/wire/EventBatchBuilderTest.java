package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where a batch ends, against a plain count of every byte. */
class EventBatchBuilderTest {
  private final StackDictionary dictionary = new StackDictionary();
  private final EventBatchBuilder builder =
      new EventBatchBuilder(
          new EventBatchBuilder.Lane(new LaneKey("s", "i", 0), 1, 1, false, true),
          new Process(1, 1L, "c", 0L),
          dictionary);
  private int bytes;
  private int releases;
  private boolean releasers;
  private long nanos;
  private long address;
  private int thread;
  private int refs;
  private int stackOfRelease;

  @Test
  void shouldBeFullExactlyWhenBytesOrEventsReachTheirBoundWhateverTheEventsAre() {
    boolean byBytes = false;
    boolean byEvents = false;
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      int bits = 1 + random.nextInt(63);
      int releaserAfter = random.nextInt(20_000);
      boolean labels = seed % 4 == 0;
      clear();
      while (!builder.isFull()) {
        assertThat(bytes).as("seed %d", seed).isLessThan(EventBatchBuilder.FULL_BYTES);
        add(random, bits, releaserAfter, labels);
      }
      assertThat(builder.isFull()).as("asked again").isTrue();
      byBytes |= bytes >= EventBatchBuilder.FULL_BYTES;
      byEvents |= builder.eventCount() == EventBatchBuilder.FULL_EVENTS;
      assertThat(
              bytes >= EventBatchBuilder.FULL_BYTES
                  || builder.eventCount() == EventBatchBuilder.FULL_EVENTS)
          .as("seed %d: %d events, %d bytes", seed, builder.eventCount(), bytes)
          .isTrue();
    }
    assertThat(byBytes).isTrue();
    assertThat(byEvents).isTrue();
  }

  private void add(Random random, int bits, int releaserAfter, boolean labels) {
    long at = nanos + (random.nextLong() >>> (Long.SIZE - bits));
    long where = random.nextLong() >>> (Long.SIZE - bits);
    int who = random.nextInt(3);
    int what = labels && random.nextInt(500) == 0 ? 2 : random.nextInt(2);
    int code = new int[] {EventCodes.FREE_HEAP, EventCodes.ALLOC_HEAP, EventCodes.MARK}[what];
    bytes += item(code << 2 | (at == nanos ? 0 : 1) | (who == thread ? 0 : 2));
    bytes += (at == nanos ? 0 : item(at - nanos)) + (who == thread ? 0 : item(who));
    if (what == 2) {
      String label = "x".repeat(random.nextInt(4000));
      bytes += item(label.length()) + label.length();
      builder.labelled(code, at, who, label);
    } else if (what == 1) {
      long size = random.nextLong() >>> (Long.SIZE - bits);
      int stack = dictionary.number(new StackId(random.nextLong(), 1));
      bytes += item(where - address) + item(size) + item(newRef()) + StackId.BYTES;
      builder.allocate(code, at, who, where, size, stack);
      address = where;
    } else {
      bytes += item(where - address) + releaser(builder.eventCount() >= releaserAfter);
      builder.release(code, at, who, where, stackOfRelease);
      address = where;
    }
    nanos = at;
    thread = who;
  }

  /** References of a batch are given out in order. */
  private int newRef() {
    return refs++;
  }

  /** The column of releasers begins with the first one that is known, for all before it. */
  private int releaser(boolean known) {
    int more = 0;
    stackOfRelease = EventCursor.NO_STACK;
    if (known) {
      stackOfRelease = dictionary.number(new StackId(nanos, refs));
      more = (releasers ? 0 : releases) + item(newRef()) + StackId.BYTES;
      releasers = true;
    } else if (releasers) {
      more = 1;
    }
    releases++;
    return more;
  }

  private void clear() {
    builder.encode();
    bytes = 0;
    releases = 0;
    releasers = false;
    refs = 0;
    address = 0;
    thread = 0;
    nanos = 1L << 62;
    builder.plain(EventCodes.OUTCOME_FAILED, nanos, 0);
    bytes = 1;
  }

  /** Bytes of a zigzag variable-length item. */
  private static int item(long value) {
    long raw = (value << 1) ^ (value >> 63);
    int count = 1;
    while ((raw >>>= 7) != 0) {
      count++;
    }
    return count;
  }
}
