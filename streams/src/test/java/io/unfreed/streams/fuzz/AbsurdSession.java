package io.unfreed.streams.fuzz;

import static io.unfreed.schemas.wire.EventCodes.*;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.GeneratedClasses;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * A session whose records are well encoded and say what no recorder says: several processes and
 * lanes, numbers at boundaries, batches that repeat, are missing or stand in another order.
 */
public final class AbsurdSession {
  static {
    GeneratedClasses.trust();
  }

  private static final int STACKS = 4;
  private static final int[] PLACES = {
    ALLOC_HEAP, OUTCOME_HEAP, MAP, OUTCOME_MAPPING, ALLOC_SLAB, ALLOC_PAGE, ALLOC_PERCPU
  };
  private static final int[] RELEASES = {
    FREE_HEAP, INTENT_HEAP, FREE_SLAB, FREE_PAGE, FREE_PERCPU, FREE_HEAP, FREE_HEAP
  };

  /** One record of the session. */
  public sealed interface Item {}

  /** What is known of the session. */
  public record Facts(Session session) implements Item {}

  /** Frames. */
  public record Frames(CallStack stack) implements Item {}

  /** The body of a batch. */
  public record Batch(byte[] body) implements Item {}

  private final Random random;
  private final String id;
  private final StackDictionary dictionary = new StackDictionary();
  private final List<Item> items = new ArrayList<>();
  private final int extremes;
  private long time;

  private AbsurdSession(Random random, String id) {
    this.random = random;
    this.id = id;
    extremes = random.nextInt(4) * 8;
  }

  /** The records of a session in the order in which they are read. */
  public static List<Item> of(Random random, String id) {
    return new AbsurdSession(random, id).items();
  }

  private List<Item> items() {
    items.add(new Facts(session(null)));
    for (int i = 0; i < STACKS; i++) {
      items.add(new Frames(stack(i)));
    }
    List<Item> batches = new ArrayList<>();
    for (int process = 1 + random.nextInt(3); process > 0; process--) {
      batches.addAll(process(process));
    }
    disturb(batches);
    items.addAll(batches);
    if (random.nextBoolean()) {
      items.add(new Facts(session(new SessionEnd(time, 100L, 100L, 0L, Map.of()))));
    }
    items.replaceAll(item -> random.nextInt(12) == 0 ? changed(item) : item);
    return items;
  }

  private Item changed(Item item) {
    return switch (item) {
      case Facts facts -> new Facts(AbsurdRecords.changed(random, facts.session()));
      case Frames frames -> new Frames(AbsurdRecords.changed(random, frames.stack()));
      case Batch batch -> new Batch(encoded(AbsurdRecords.changed(random, decoded(batch.body()))));
    };
  }

  /** Batches that repeat, are missing, or change places. */
  private void disturb(List<Item> batches) {
    for (int n = random.nextInt(4); n > 0; n--) {
      int at = random.nextInt(batches.size());
      switch (random.nextInt(4)) {
        case 0 -> batches.add(batches.get(at));
        case 1 -> Collections.swap(batches, at, random.nextInt(batches.size()));
        case 2 -> batches.set(at, changed(batches.get(at)));
        default -> {
          if (batches.size() > 1) {
            batches.remove(at);
          }
        }
      }
    }
  }

  private Session session(SessionEnd end) {
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(Source.EBPF)
        .setHost("host")
        .setCommand("command")
        .setStartedEpochNanos(1_769_859_922_000_000_000L)
        .setTickNanos(1000)
        .setFreeStacks(true)
        .setProbes(List.of("malloc", "not seen: what"))
        .setRecordFilters(random.nextBoolean() ? Map.of() : Map.of("--min-size", "8"))
        .setEnd(end)
        .build();
  }

  private CallStack stack(int number) {
    StackId stack = new StackId(random.nextLong(), number);
    dictionary.number(stack);
    Frame frame =
        Frame.newBuilder()
            .setModule("/bin/tool")
            .setSymbol("grow")
            .setFile("tool.c")
            .setLine(7)
            .setOffset(16L)
            .setAddress((long) number)
            .build();
    return new CallStack(stack.toHash(), Quality.SYMBOLS, new ArrayList<>(List.of(frame, frame)));
  }

  private List<Item> process(int number) {
    boolean kernel = random.nextInt(5) == 0;
    String incarnation = kernel ? "0" : number + "-1";
    Process process = new Process(kernel ? 0 : number, 1L, "tool", 0L);
    int lanes = 1 + random.nextInt(3);
    long tick = random.nextInt(6) == 0 ? 0 : random.nextInt(6) == 0 ? Long.MAX_VALUE : 1000;
    List<Item> batches = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      EventBatchBuilder builder =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey(id, incarnation, lane), lanes, tick, random.nextInt(5) == 0, true),
              process,
              dictionary);
      time = 0;
      for (int batch = random.nextInt(5); batch >= 0; batch--) {
        for (int event = random.nextInt(30); event > 0; event--) {
          add(builder);
        }
        if (batch == 0 && random.nextBoolean()) {
          builder.end(now(), number(), number());
        }
        batches.add(new Batch(builder.encode().body()));
      }
    }
    return batches;
  }

  private void add(EventBatchBuilder builder) {
    int thread = random.nextInt(3);
    int stack = random.nextInt(STACKS);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 ->
          builder.allocate(pick(PLACES), now(), thread, address(), number(), stack);
      case 5, 6, 7, 8 ->
          builder.release(
              pick(RELEASES),
              now(),
              thread,
              address(),
              random.nextBoolean() ? stack : EventCursor.NO_STACK);
      case 9 ->
          builder.releaseRange(
              random.nextBoolean() ? UNMAP : INTENT_MAPPING, now(), thread, address(), number());
      case 10 -> builder.lost(now(), number(), number(), number());
      default -> rare(builder, thread);
    }
  }

  private void rare(EventBatchBuilder builder, int thread) {
    switch (random.nextInt(5)) {
      case 0 -> builder.watermark(number());
      case 1 -> builder.plain(OUTCOME_FAILED, now(), thread);
      case 2 -> builder.labelled(EXEC, now(), thread, Absurd.text(random));
      case 3 -> builder.labelled(MARK, now(), thread, Absurd.text(random));
      default -> builder.labelled(FORK, now(), thread, Absurd.text(random));
    }
  }

  private int pick(int[] codes) {
    return codes[random.nextInt(codes.length)];
  }

  private boolean isExtreme() {
    return random.nextInt(100) < extremes;
  }

  private long now() {
    time += random.nextInt(200);
    return isExtreme() ? Absurd.number(random) : time;
  }

  private long number() {
    return isExtreme() ? Absurd.number(random) : random.nextInt(10_000);
  }

  private long address() {
    return isExtreme() ? Absurd.number(random) : 4096L * (1 + random.nextInt(8));
  }

  private static EventBatch decoded(byte[] body) {
    try {
      return new SpecificDatumReader<EventBatch>(EventBatch.getClassSchema())
          .read(null, DecoderFactory.get().binaryDecoder(body, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] encoded(EventBatch batch) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    try {
      new SpecificDatumWriter<EventBatch>(EventBatch.getClassSchema()).write(batch, encoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
