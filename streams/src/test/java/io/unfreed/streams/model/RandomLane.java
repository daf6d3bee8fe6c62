package io.unfreed.streams.model;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.schemas.wire.StackDictionary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A lane's events cut into batches at random, some of them dropped, repeated or late.
 *
 * @param messages bodies of the batches in the order they arrive
 * @param delivered what of it counts
 */
public record RandomLane(
    LaneKey key,
    boolean filtered,
    boolean kernel,
    boolean freeStacks,
    List<byte[]> messages,
    Delivered delivered) {

  /** Stacks of the dictionary. */
  static final int STACKS = 5;

  /** The id of a stack by its number. */
  public static StackId stackId(int stack) {
    return new StackId(0x9E37_79B9_7F4A_7C15L * (stack + 1), stack);
  }

  /** A dictionary in which every stack has its number. */
  public static StackDictionary dictionary() {
    StackDictionary dictionary = new StackDictionary();
    for (int stack = 0; stack < STACKS; stack++) {
      dictionary.number(stackId(stack));
    }
    return dictionary;
  }

  private static Process process(boolean kernel, Random random) {
    Long[] from = {null, null, null, RecordedFrom.BEGINNING, 7L, RecordedFrom.NEVER};
    return new Process(
        kernel ? 0 : 7, kernel ? null : 70L, "command", from[random.nextInt(from.length)]);
  }

  /** Cuts events into batches of up to {@code largest} events. */
  static RandomLane of(
      Random random, EventBatchBuilder.Lane lane, List<Event> events, int largest, boolean losing) {
    boolean kernel = lane.key().incarnation().startsWith("0");
    Process process = process(kernel, random);
    EventBatchBuilder builder = new EventBatchBuilder(lane, process, dictionary());
    boolean changes = random.nextInt(3) == 0;
    List<byte[]> messages = new ArrayList<>();
    List<byte[]> known = new ArrayList<>();
    List<Delivered.Item> items = new ArrayList<>();
    List<Delivered.Item> batch = new ArrayList<>();
    int arrived = 0;
    long quiet = 0;
    long lost = 0;
    for (int i = 0; i < events.size(); i++) {
      Event e = events.get(i);
      e.writeTo(builder);
      if (e.code() == Event.QUIET) {
        quiet = Math.max(quiet, e.time());
      } else {
        batch.add(new Delivered.Item(e, 0, false, false));
      }
      boolean ends =
          e.code() == Event.QUIET
              || batch.size() >= largest
              || i == events.size() - 1
              || random.nextInt(Math.max(2, largest)) == 0;
      if (!ends) {
        continue;
      }
      if (changes && random.nextInt(4) == 0) {
        process = process(kernel, random);
        builder.process(process);
      }
      boolean inPart = RecordedFrom.isInPart(process);
      EncodedBatch encoded = builder.encode();
      known.add(encoded.body());
      if (losing && random.nextInt(8) == 0) {
        lost += batch.size();
      } else {
        messages.add(encoded.body());
        arrived = known.size();
        int settling = Math.max(0, batch.size() - 1);
        if (quiet > 0) {
          batch.add(new Delivered.Item(Event.of(Event.QUIET, quiet, 0, 0, 0, 0), 0, false, false));
        }
        if (batch.isEmpty()) {
          batch.add(new Delivered.Item(Event.of(Event.QUIET, 0, 0, 0, 0, 0), 0, false, false));
        }
        for (int k = 0; k < batch.size(); k++) {
          Event of = batch.get(k).event();
          items.add(new Delivered.Item(of, k == 0 ? lost : 0, inPart, k == settling));
        }
        lost = 0;
      }
      batch.clear();
      if (arrived > 0 && random.nextInt(6) == 0) {
        messages.add(known.get(random.nextInt(arrived)));
      }
    }
    return new RandomLane(
        lane.key(),
        lane.filtered(),
        kernel,
        lane.freeStacks(),
        messages,
        new Delivered(items, lane.tickNanos(), lane.laneCount()));
  }
}
