package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.streams.model.Script;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** Records that nobody of ours wrote: dead letters, and the service goes on. */
class ForeignRecordsTest {
  @Test
  void shouldSendAStatementToTheDeadLettersWhenItsLaneIsBeyondTheIncarnationsLanes()
      throws Exception {
    try (Bench bench = new Bench()) {
      new Script().alloc(10, 1, 16, 7).alloc(110, 1, 32, 7).batches().forEach(bench::pipe);
      new Script(1, 2).alloc(10, 1, 16, 7).alloc(110, 1, 32, 7).batches().forEach(bench::pipe);

      assertThat(bench.read(Topics.DEAD_LETTERS)).hasSize(1);
      assertThat(bench.reports(false)).hasSize(1);
    }
  }

  @Test
  void shouldSendARecordToTheDeadLettersWhenItIsForeign() {
    try (Bench bench = new Bench()) {
      byte[] key = "k".getBytes(StandardCharsets.UTF_8);
      bench.pipe(null, null);
      bench.pipe(key, null);
      bench.pipe(null, new byte[3]);
      bench.pipe(key, new byte[300]);

      assertThat(bench.read(Topics.DEAD_LETTERS)).hasSize(4);
    }
  }

  @Test
  void shouldSayWhyInOneLineWhenTheKeyHasSeveral() {
    try (Bench bench = new Bench()) {
      byte[] batch = new Script().alloc(10, 1, 16, 7).batches().getFirst();
      byte[] key = "a\n12:00 forged\u001b[2J".getBytes(StandardCharsets.UTF_8);
      bench.pipe(key, EventBatchCodec.toMessage(batch));

      byte[] reason =
          bench
              .read(Topics.DEAD_LETTERS)
              .getFirst()
              .headers()
              .lastHeader(ReportHeaders.REASON)
              .value();
      assertThat(new String(reason, StandardCharsets.UTF_8))
          .isEqualTo("key a\\n12:00 forged\\x1b[2J on a batch of lane session/7-70/0");
    }
  }

  /** What a broker does not take ends the service, and again at every start. */
  @Test
  void shouldPublishNothingThatATopicDoesNotTakeWhateverComes() {
    byte[] noise = new byte[1_000_000];
    new Random(10).nextBytes(noise);
    String name = "n".repeat(400_000);
    try (Bench bench = new Bench()) {
      bench.pipe(noise, noise);
      bench.pipe(noise, null);
      bench.pipe("k".getBytes(StandardCharsets.UTF_8), noise);
      pipe(bench, name, "a command", null);
      pipe(bench, "s", name, null);
      pipe(bench, "s", "a command", name);

      List<TestRecord<byte[], byte[]>> letters = bench.read(Topics.DEAD_LETTERS);
      assertThat(letters).hasSize(6).allMatch(letter -> bytes(letter) < 1_000_000);
      assertThat(letters.getFirst().headers().lastHeader(ReportHeaders.CUT).value())
          .asString()
          .isEqualTo("1000000+1000000");
      assertThat(bench.read(Topics.STATEMENTS)).isEmpty();
    }
  }

  @Test
  void shouldSayHowLargeTheHeadersWereThatALetterLeavesOut() {
    try (Bench bench = new Bench()) {
      RecordHeaders headers = new RecordHeaders();
      headers.add("much", new byte[100_000]);
      bench.pipeStatement(new TestRecord<>(new byte[2], new byte[9], headers));

      Headers letter = bench.read(Topics.DEAD_LETTERS).getFirst().headers();
      assertThat(letter.lastHeader("much")).isNull();
      assertThat(letter.lastHeader(ReportHeaders.CUT).value()).asString().isEqualTo("2+9+100004");
    }
  }

  private static void pipe(Bench bench, String session, String command, String marker) {
    Process process = new Process(7, 70L, command, null);
    LaneKey lane = new LaneKey(session, "7-70", 0);
    bench.pipe(
        lane.toString().getBytes(StandardCharsets.UTF_8),
        EventBatchCodec.withoutEvents(
            new BatchHeader(lane, 1, 0, 0, 100, false, process, false, 0, 0, 0, marker)));
  }

  private static long bytes(TestRecord<byte[], byte[]> record) {
    long bytes = record.key().length + (record.value() == null ? 0 : record.value().length);
    for (Header header : record.headers()) {
      bytes += header.key().length() + header.value().length;
    }
    return bytes;
  }
}
