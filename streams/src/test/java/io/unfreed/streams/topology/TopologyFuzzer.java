package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.text.Printable;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.fuzz.Absurd;
import io.unfreed.streams.fuzz.AbsurdRecords;
import io.unfreed.streams.fuzz.AbsurdSession;
import io.unfreed.streams.fuzz.ReportChecks;
import io.unfreed.streams.record.StackRecords;
import io.unfreed.streams.report.IncarnationReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Records that anybody who may write to the topics can write: none stops the service, at a restart
 * neither, and what is published about the others adds up.
 */
public final class TopologyFuzzer {
  private TopologyFuzzer() {}

  /** A round from a seed; throws when something is wrong. */
  public static void round(long seed) throws MalformedBatchException {
    roundOfEvents(seed);
    roundOfStatements(seed);
  }

  private static void roundOfEvents(long seed) throws MalformedBatchException {
    String what = "seed " + seed;
    try (Bench bench = new Bench()) {
      List<KeyValue<byte[], byte[]>> records = events(new Random(seed));
      try {
        records.forEach(record -> bench.pipe(record.key, record.value));
      } catch (RuntimeException e) {
        throw new AssertionError(what, e);
      }
      check(what, bench);
      bench.ledgers().close();
      bench.ledgers().restoreAll(records);
      bench.pipe(records.getFirst().key, records.getFirst().value);
      check(what + ", restored", bench);
    }
  }

  private static void roundOfStatements(long seed) throws MalformedBatchException {
    String what = "seed " + seed;
    Random random = new Random(seed);
    try (Bench lanes = new Bench();
        Bench bench = new Bench()) {
      events(random).forEach(record -> lanes.pipe(record.key, record.value));
      for (TestRecord<byte[], byte[]> record : lanes.read(Topics.STATEMENTS)) {
        TestRecord<byte[], byte[]> piped =
            random.nextInt(3) > 0 ? record : changedStatement(random, record);
        try {
          bench.pipeStatement(piped);
        } catch (RuntimeException e) {
          throw new AssertionError(what, e);
        }
      }
      reports(bench);
      outstanding(bench);
    }
  }

  /** Records of one session and of nobody, most of them under their own key. */
  private static List<KeyValue<byte[], byte[]>> events(Random random) {
    List<KeyValue<byte[], byte[]>> records = new ArrayList<>();
    for (AbsurdSession.Item item : AbsurdSession.of(random, "fuzz")) {
      if (item instanceof AbsurdSession.Batch batch) {
        byte[] key = key(random, batch.body());
        byte[] value = EventBatchCodec.toMessage(batch.body());
        boolean damaged = random.nextInt(10) == 0;
        records.add(new KeyValue<>(key, damaged ? Absurd.changed(random, value) : value));
      }
    }
    return records;
  }

  private static byte[] key(Random random, byte[] body) {
    if (random.nextInt(20) == 0) {
      return Absurd.text(random).getBytes(StandardCharsets.UTF_8);
    }
    try {
      return new EventCursor()
          .reset(body, 0, body.length)
          .key()
          .toString()
          .getBytes(StandardCharsets.UTF_8);
    } catch (MalformedBatchException e) {
      return "fuzz/1-1/0".getBytes(StandardCharsets.UTF_8);
    }
  }

  private static TestRecord<byte[], byte[]> changedStatement(
      Random random, TestRecord<byte[], byte[]> record) throws MalformedBatchException {
    RecordCodec<LaneTick> codec = RecordCodec.laneTicks();
    byte[] value =
        random.nextInt(4) == 0
            ? Absurd.changed(random, record.value())
            : codec.encode(AbsurdRecords.changed(random, codec.decode(record.value())));
    return new TestRecord<>(record.key(), value);
  }

  private static void check(String what, Bench bench) throws MalformedBatchException {
    for (IncarnationReport report : reports(bench)) {
      ReportChecks.check(what, report);
    }
    outstanding(bench);
    for (TestRecord<byte[], byte[]> letter : bench.read(Topics.DEAD_LETTERS)) {
      String reason =
          new String(
              letter.headers().lastHeader(ReportHeaders.REASON).value(), StandardCharsets.UTF_8);
      assertThat(reason).as(what).isEqualTo(Printable.of(reason)).isNotBlank();
    }
  }

  private static List<IncarnationReport> reports(Bench bench) throws MalformedBatchException {
    return bench.reports(false);
  }

  /** Whoever reads the states of stacks can read each. */
  private static void outstanding(Bench bench) throws MalformedBatchException {
    RecordCodec<StackState> codec = RecordCodec.stackStates();
    for (TestRecord<byte[], byte[]> state : bench.read(Topics.OUTSTANDING)) {
      if (state.value() != null) {
        assertThat(StackRecords.fromRecord(codec.decode(state.value()))).isNotNull();
      }
    }
  }
}
