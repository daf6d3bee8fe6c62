package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.stack.StackId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

/** The columnar codec: what was built comes back, Avro reads the same, garbage is refused. */
class EventCursorTest {
  private final EventCursor cursor = new EventCursor();

  @Test
  void shouldGiveBackEveryEventWhenEventsAreRandom() throws Exception {
    for (int seed = 0; seed < 3000; seed++) {
      RandomBatch batch = RandomBatch.of(new Random(seed), 60);
      byte[] message = EventBatchCodec.toMessage(batch.encoded().body());
      BatchHeader header = EventBatchCodec.read(message, cursor);

      assertThat(cursor.eventCount()).isEqualTo(batch.events().size());
      assertThat(RandomBatch.read(cursor)).as("seed " + seed).isEqualTo(batch.events());
      assertThat(header.key()).isEqualTo(batch.encoded().key());
    }
  }

  @Test
  void shouldGiveTheAddressesAheadOnceAndInOrderWhenWindowsAreOfAnySize() throws Exception {
    for (int seed = 0; seed < 500; seed++) {
      RandomBatch batch = RandomBatch.of(new Random(seed), 60);
      byte[] body = batch.encoded().body();
      cursor.reset(body, 0, body.length);
      AddressesAhead ahead = new AddressesAhead(1 + seed % 70);
      List<Long> taken = new ArrayList<>();
      List<Long> placed = new ArrayList<>();
      for (int i = 0; i < cursor.eventCount(); i++) {
        cursor.lookAhead(ahead);
        taken.addAll(Arrays.stream(ahead.taken(), 0, ahead.takenCount()).boxed().toList());
        placed.addAll(Arrays.stream(ahead.placed(), 0, ahead.placedCount()).boxed().toList());
      }

      List<Long> takenLater = new ArrayList<>();
      List<Long> placedLater = new ArrayList<>();
      while (cursor.next()) {
        if (EventCodes.hasAddress(cursor.code())) {
          (EventCodes.hasStack(cursor.code()) ? placedLater : takenLater).add(cursor.address());
        }
      }
      assertThat(taken).as("seed " + seed).isEqualTo(takenLater);
      assertThat(placed).as("seed " + seed).isEqualTo(placedLater);
    }
  }

  @Test
  void shouldHoldNoMoreThanTheContractAllowsWhenABatchIsFull() throws Exception {
    for (boolean big : new boolean[] {false, true}) {
      EventBatchBuilder builder = full(big);
      EncodedBatch batch = builder.encode();

      assertThat(batch.body().length).isLessThanOrEqualTo(512 * 1024);
      cursor.reset(batch.body(), 0, batch.body().length);
      assertThat(cursor.eventCount()).isEqualTo(batch.eventCount());
    }
  }

  @Test
  void shouldReadWhatAvroReadsWhenEventsAreRandom() throws Exception {
    GenericDatumReader<GenericRecord> avro = new GenericDatumReader<>(EventBatch.getClassSchema());
    for (int seed = 0; seed < 500; seed++) {
      RandomBatch batch = RandomBatch.of(new Random(seed), 40);
      byte[] body = batch.encoded().body();
      GenericRecord record = avro.read(null, DecoderFactory.get().binaryDecoder(body, null));
      BatchHeader header = cursor.reset(body, 0, body.length);

      assertThat(record.get("session")).hasToString(header.key().session());
      assertThat(record.get("lane")).isEqualTo(header.key().lane());
      assertThat(record.get("sequence")).isEqualTo(header.sequence());
      assertThat(record.get("baseNanos")).isEqualTo(header.baseNanos());
      assertThat(record.get("watermarkNanos")).isEqualTo(header.watermarkNanos());
      assertThat(record.get("freeStacks")).isEqualTo(header.freeStacks());
      assertThat(((GenericRecord) record.get("process")).get("recordedFromNanos"))
          .isEqualTo(header.process().getRecordedFromNanos());
      assertThat(releasers(record)).as("seed " + seed).isEqualTo(releasers(batch.events()));
      assertThat(eventsOf(record, header.addressShift()))
          .as("seed " + seed)
          .isEqualTo(withoutTables(batch.events()));
    }
  }

  @Test
  void shouldRefuseTheBatchWhenItIsCutAnywhere() {
    for (int seed = 0; seed < 40; seed++) {
      byte[] body = RandomBatch.of(new Random(seed), 25).encoded().body();
      for (int length = 0; length < body.length; length++) {
        int cut = length;
        assertThatThrownBy(() -> cursor.reset(body, 0, cut))
            .as("seed %d, cut at %d", seed, cut)
            .isInstanceOf(MalformedBatchException.class);
        assertThat(cursor.eventCount()).as("seed %d, cut at %d", seed, cut).isZero();
      }
    }
  }

  @Test
  void shouldReadOrRefuseTheBatchWhenBytesAreFlipped() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      byte[] body = RandomBatch.of(random, 25).encoded().body();
      for (int i = 0; i < body.length; i++) {
        for (int bit = 0; bit < 8; bit++) {
          byte[] flipped = body.clone();
          flipped[i] ^= (byte) (1 << bit);
          readOrRefuse(flipped);
        }
        byte[] garbage = body.clone();
        garbage[random.nextInt(body.length)] = (byte) random.nextInt();
        garbage[random.nextInt(body.length)] = (byte) 0xFF;
        readOrRefuse(garbage);
      }
    }
  }

  @Test
  void shouldReadOrRefuseWhenBytesAreGarbage() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      byte[] garbage = new byte[random.nextInt(100)];
      random.nextBytes(garbage);
      readOrRefuse(garbage);
    }
  }

  @Test
  void shouldRefuseTheBatchWhenAThreadIsNoInt() {
    byte[] body = RandomBatch.of(new Random(1), 0).encoded().body();
    byte[] columns = Arrays.copyOf(body, body.length - 9 + 14);
    ByteColumn out = new ByteColumn();
    out.putLong(0);
    out.putLong(0);
    out.putLong(1);
    out.putLong(EventCodes.EXIT << 2 | 2);
    out.putLong(0);
    out.putLong(0);
    out.putLong(1);
    out.putLong(1L << 32);
    for (int column = 0; column < 5; column++) {
      out.putLong(0);
    }
    byte[] tail = out.toByteArray();
    byte[] whole = Arrays.copyOf(columns, body.length - 9 + tail.length);
    System.arraycopy(tail, 0, whole, body.length - 9, tail.length);

    assertThatThrownBy(() -> cursor.reset(whole, 0, whole.length))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageContaining("thread");
  }

  @Test
  void shouldWriteNoColumnWhenNoReleaseHasAStack() throws Exception {
    StackDictionary stacks = new StackDictionary();
    int stack = stacks.number(new StackId(1, 2));
    List<byte[]> bodies = new ArrayList<>();
    for (boolean freeStacks : new boolean[] {false, true}) {
      EventBatchBuilder builder = lane(freeStacks, stacks);
      builder.allocate(EventCodes.ALLOC_HEAP, 1, 1, 16, 5, stack);
      builder.release(EventCodes.FREE_HEAP, 2, 1, 16);
      bodies.add(builder.encode().body());
    }

    assertThat(bodies.get(1)).hasSameSizeAs(bodies.get(0));
    cursor.reset(bodies.get(1), 0, bodies.get(1).length);
    assertThat(cursor.header().freeStacks()).isTrue();
    cursor.next();
    cursor.next();
    assertThat(cursor.releaseRef()).isEqualTo(EventCursor.NO_STACK);
  }

  @Test
  void shouldRefuseToBuildWhenTheLaneHasNoStacksOfReleases() {
    StackDictionary stacks = new StackDictionary();
    int stack = stacks.number(new StackId(1, 2));
    EventBatchBuilder builder = lane(false, stacks);

    assertThatThrownBy(() -> builder.release(EventCodes.FREE_HEAP, 2, 1, 16, stack))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("s/i/0");
  }

  @Test
  void shouldRefuseTheBatchWhenTheReleasersAreNotThoseOfItsReleases() {
    StackDictionary stacks = new StackDictionary();
    int stack = stacks.number(new StackId(1, 2));
    EventBatchBuilder builder = lane(true, stacks);
    builder.release(EventCodes.FREE_HEAP, 2, 1, 16, stack);
    byte[] body = builder.encode().body(); // ends with: -1 item, 1 byte, reference 0, no more
    byte[] twoItems = body.clone();
    twoItems[body.length - 4] = 3;
    byte[] noSuchStack = body.clone();
    noSuchStack[body.length - 2] = 2;

    for (byte[] wrong : new byte[][] {twoItems, noSuchStack}) {
      assertThatThrownBy(() -> cursor.reset(wrong, 0, wrong.length))
          .isInstanceOf(MalformedBatchException.class);
    }
  }

  @Test
  void shouldRefuseTheBatchWhenACodeDoesNotSayWhatItUses() {
    for (int code : new int[] {21, 63, 66, 67 + 32 - 1, 2048, 1 << 28}) {
      EventBatchBuilder builder = lane(false, new StackDictionary());
      builder.plain(code, 1, 1);
      byte[] body = builder.encode().body();

      assertThatThrownBy(() -> cursor.reset(body, 0, body.length))
          .isInstanceOf(MalformedBatchException.class)
          .hasMessageContaining("unknown kind");
    }
  }

  @Test
  void shouldTellWhatIsAboutBlocksWhenTheCodeIsNotKnown() {
    assertThat(EventCodes.isKnown(129)).isFalse();
    assertThat(EventCodes.isAboutBlocks(129)).isTrue();
    assertThat(EventCodes.isAboutBlocks(129 + 32)).isFalse();
  }

  @Test
  void shouldSayThatItIsNewerWhenTheSchemaIsNotKnown() {
    byte[] message = EventBatchCodec.toMessage(RandomBatch.of(new Random(1), 5).encoded().body());
    message[5] ^= 1;

    assertThatThrownBy(() -> EventBatchCodec.read(message, cursor))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageMatching(
            "no event batch of a version known here: its schema has the fingerprint [0-9a-f]{16};"
                + " a newer Unfreed may read it");
  }

  @Test
  void shouldRefuseTheMessageWhenItsHeaderIsAnother() {
    for (byte[] message : new byte[][] {null, {}, {(byte) 0xC3, 1}, new byte[64]}) {
      assertThatThrownBy(() -> EventBatchCodec.read(message, cursor))
          .isInstanceOf(MalformedBatchException.class);
    }
  }

  private void readOrRefuse(byte[] bytes) {
    try {
      cursor.reset(bytes, 0, bytes.length);
      RandomBatch.read(cursor);
    } catch (MalformedBatchException e) {
      assertThat(e).hasMessageMatching("(?s).+");
      assertThat(cursor.eventCount()).isZero();
      return;
    }
    try {
      ByteCursor in = new ByteCursor();
      in.reset(bytes, 0, bytes.length);
      assertThat(EventBatchCodec.skip(in)).isEqualTo(cursor.header());
      assertThat(in.remaining()).isZero();
    } catch (MalformedBatchException e) {
      throw new AssertionError("what the cursor reads can be skipped", e);
    }
  }

  private static EventBatchBuilder full(boolean big) {
    StackDictionary stacks = new StackDictionary();
    EventBatchBuilder builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(
                new io.unfreed.schemas.topic.LaneKey("s", "i", 0), 1, 1, false),
            new io.unfreed.schemas.Process(1, 1L, "c".repeat(big ? 1 << 21 : 1), null),
            stacks);
    Random random = new Random(5);
    while (!builder.isFull()) {
      int stack = stacks.number(new StackId(random.nextLong(), 1));
      if (big && random.nextBoolean()) {
        builder.labelled(EventCodes.MARK, random.nextLong(), random.nextInt(), "é".repeat(9000));
      } else {
        builder.allocate(0, random.nextLong(), random.nextInt(), random.nextLong(), 1, stack);
      }
    }
    return builder;
  }

  private static EventBatchBuilder lane(boolean freeStacks, StackDictionary stacks) {
    return new EventBatchBuilder(
        new EventBatchBuilder.Lane(
            new io.unfreed.schemas.topic.LaneKey("s", "i", 0), 1, 1, false, freeStacks),
        new io.unfreed.schemas.Process(1, 1L, "c", 0L),
        stacks);
  }

  private static List<List<Object>> withoutTables(List<List<Object>> events) {
    List<List<Object>> plain = new ArrayList<>();
    for (List<Object> event : events) {
      int code = (int) event.getFirst();
      boolean table = event.getLast() instanceof StackId || EventCodes.hasLabel(code);
      plain.add(new ArrayList<>(event.subList(0, event.size() - (table ? 1 : 0))));
    }
    return plain;
  }

  /** The stack of each release, null where it is not known. */
  private static List<StackId> releasers(List<List<Object>> events) {
    List<StackId> releasers = new ArrayList<>();
    for (List<Object> event : events) {
      int code = (int) event.getFirst();
      if (EventCodes.hasAddress(code) && !EventCodes.hasStack(code)) {
        releasers.add(event.getLast() instanceof StackId id ? id : null);
      }
    }
    return releasers.stream().allMatch(id -> id == null) ? List.of() : releasers;
  }

  private static List<StackId> releasers(GenericRecord record) {
    List<?> stacks = (List<?>) record.get("stacks");
    List<StackId> releasers = new ArrayList<>();
    for (Object ref : (List<?>) record.get("releaseRefs")) {
      byte[] id = (int) ref < 0 ? null : ((GenericFixed) stacks.get((int) ref)).bytes();
      releasers.add(id == null ? null : StackId.read(id, 0));
    }
    return releasers;
  }

  private static List<List<Object>> eventsOf(GenericRecord record, int shift) {
    var times = ((List<?>) record.get("times")).iterator();
    var threads = ((List<?>) record.get("threads")).iterator();
    var addresses = ((List<?>) record.get("addresses")).iterator();
    var values = ((List<?>) record.get("values")).iterator();
    List<List<Object>> events = new ArrayList<>();
    long time = (long) record.get("baseNanos");
    int thread = 0;
    long address = 0;
    for (Object item : (List<?>) record.get("kinds")) {
      int kind = (int) item;
      time += (kind & 1) != 0 ? (long) times.next() : 0;
      thread = (kind & 2) != 0 ? (int) threads.next() : thread;
      List<Object> event = new ArrayList<>(List.of(kind >> 2, time, thread));
      if (EventCodes.hasAddress(kind >> 2)) {
        address += (long) addresses.next() << shift;
        event.add(address);
      }
      for (int v = 0; v < EventCodes.valueCount(kind >> 2); v++) {
        event.add(values.next());
      }
      events.add(event);
    }
    return events;
  }
}
