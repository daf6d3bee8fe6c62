package io.unfreed.schemas.wire;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A batch of random events, extremes included, and what a cursor must say of each.
 *
 * @param events code, time, thread, then address, values and stack as far as the code has them, and
 *     the stack that releases as far as it is known
 */
record RandomBatch(List<List<Object>> events, EncodedBatch encoded) {
  /** Of releases: the lane has no stacks of them, the batch has none, some, all. */
  private static final double[] RELEASER_SHARES = {-1, 0, 0.3, 1};

  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    16,
    -4096,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  static RandomBatch of(Random random, int largest) {
    double releasers = RELEASER_SHARES[random.nextInt(RELEASER_SHARES.length)];
    EventBatchBuilder builder = builder(random, releasers >= 0);
    List<List<Object>> events = new ArrayList<>();
    boolean extreme = random.nextBoolean();
    int count = random.nextInt(largest + 1);
    for (int i = 0; i < count; i++) {
      boolean known = random.nextDouble() < releasers;
      add(random, builder, events, extreme, known ? random.nextInt(300) : EventCursor.NO_STACK);
    }
    return new RandomBatch(events, builder.encode());
  }

  /** What the cursor says. */
  static List<List<Object>> read(EventCursor cursor) {
    List<List<Object>> events = new ArrayList<>();
    while (cursor.next()) {
      List<Object> event =
          new ArrayList<>(List.of(cursor.code(), cursor.timeNanos(), cursor.thread()));
      if (EventCodes.hasAddress(cursor.code())) {
        event.add(cursor.address());
      }
      for (int v = 0; v < EventCodes.valueCount(cursor.code()); v++) {
        event.add(cursor.value(v));
      }
      if (EventCodes.hasStack(cursor.code())) {
        event.add(cursor.stacks().get(cursor.stackRef()));
      } else if (EventCodes.hasAddress(cursor.code()) && cursor.releaseRef() >= 0) {
        event.add(cursor.stacks().get(cursor.releaseRef()));
      }
      if (EventCodes.hasLabel(cursor.code())) {
        event.add(cursor.label());
      }
      events.add(event);
    }
    return events;
  }

  private static EventBatchBuilder builder(Random random, boolean freeStacks) {
    StackDictionary stacks = new StackDictionary();
    for (int i = 0; i < 300; i++) {
      stacks.number(stack(i));
    }
    Process process =
        random.nextBoolean()
            ? new Process(null, null, null, null)
            : new Process(
                random.nextInt(), random.nextLong(), "größe \uD83D\uDE00", random.nextLong());
    EventBatchBuilder builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(
                new LaneKey("s" + random.nextInt(), "i", random.nextInt(4)),
                4,
                random.nextInt(3) * 5_000_000_000L,
                random.nextBoolean(),
                freeStacks),
            process,
            stacks);
    builder.watermark(random.nextInt(1000));
    return builder;
  }

  private static StackId stack(int number) {
    return new StackId(number * 0x9E37_79B9_7F4A_7C15L, ~number);
  }

  private static void add(
      Random random,
      EventBatchBuilder builder,
      List<List<Object>> events,
      boolean extreme,
      int releaser) {
    int code = random.nextInt(10) == 0 ? laterCode(random) : random.nextInt(EventCodes.FORK + 1);
    long time = number(random, extreme);
    int thread = (int) number(random, extreme);
    long address = number(random, extreme) * (extreme ? 1 : 16);
    long value = number(random, extreme);
    int stack = random.nextInt(300);
    List<Object> event = new ArrayList<>(List.of(code, time, thread));
    if (EventCodes.hasStack(code)) {
      builder.allocate(code, time, thread, address, value, stack);
      event.addAll(List.of(address, value, stack(stack)));
    } else if (EventCodes.hasAddress(code) && EventCodes.valueCount(code) == 1) {
      if (releaser < 0) {
        builder.releaseRange(code, time, thread, address, value);
      } else {
        builder.releaseRange(code, time, thread, address, value, releaser);
      }
      event.addAll(List.of(address, value));
    } else if (EventCodes.hasAddress(code)) {
      if (releaser < 0) {
        builder.release(code, time, thread, address);
      } else {
        builder.release(code, time, thread, address, releaser);
      }
      event.add(address);
    } else if (EventCodes.hasLabel(code)) {
      builder.labelled(code, time, thread, "label " + value);
      event.add("label " + value);
    } else if (EventCodes.valueCount(code) == 0) {
      builder.plain(code, time, thread);
    } else {
      int before = events.isEmpty() ? 0 : (int) events.getLast().get(2);
      event.set(2, before);
      if (code == EventCodes.LOST) {
        builder.lost(time, value, address, time);
        event.addAll(List.of(value, address, time));
      } else {
        builder.end(time, value, address);
        event.addAll(List.of(value, address));
      }
    }
    if (releaser >= 0 && EventCodes.hasAddress(code) && !EventCodes.hasStack(code)) {
      event.add(stack(releaser));
    }
    events.add(event);
  }

  /** A code that is not known here, of a shape that the builder can write. */
  private static int laterCode(Random random) {
    int[] shapes = {0b0_0000, 0b0_0001, 0b0_0100, 0b0_1001, 0b0_1011};
    int number = 1 + random.nextInt(31);
    return number * 64 + random.nextInt(2) * 32 + shapes[random.nextInt(shapes.length)];
  }

  private static long number(Random random, boolean extreme) {
    return extreme ? EXTREMES[random.nextInt(EXTREMES.length)] : random.nextInt(1000);
  }
}
