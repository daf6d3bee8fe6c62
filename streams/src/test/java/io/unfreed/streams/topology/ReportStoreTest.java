package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.model.Script;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What the report stage keeps in its store is all it needs. */
class ReportStoreTest {
  @Test
  void shouldForwardTheSameWhenEverythingIsReloadedBeforeEveryRecord() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      List<RandomLane> lanes = TopologyModelTest.lanes(random, "reload");
      List<TestRecord<byte[], byte[]>> statements;
      try (Bench bench = new Bench()) {
        for (byte[] message : TopologyModelTest.interleave(random, lanes)) {
          bench.pipe(message);
          if (random.nextInt(5) == 0) {
            bench.pipe(
                EventBatchBuilder.marker(Script.cursor(message).header(), "m" + random.nextInt(3))
                    .body());
          }
        }
        statements = bench.read(Topics.STATEMENTS);
      }
      assertThat(run(statements, true)).as("seed " + seed).isEqualTo(run(statements, false));
    }
  }

  private static List<String> run(List<TestRecord<byte[], byte[]>> statements, boolean reload) {
    MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
    context.setCurrentSystemTimeMs(0);
    KeyValueStore<String, byte[]> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(Nodes.REPORT_STORE),
                Serdes.String(),
                Serdes.ByteArray())
            .withLoggingDisabled()
            .withCachingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    ReportProcessor processor = null;
    for (TestRecord<byte[], byte[]> statement : statements) {
      if (processor == null || reload) {
        processor = new ReportProcessor(Commits.paces());
        processor.init(context);
      }
      processor.process(new Record<>(statement.key(), statement.value(), 0));
    }
    List<String> forwarded = new ArrayList<>();
    for (var forward : context.forwarded()) {
      forwarded.add(
          forward.childName().orElse("")
              + " "
              + new String(forward.record().key(), java.nio.charset.StandardCharsets.UTF_8)
              + " "
              + HexFormat.of().formatHex(forward.record().value()));
    }
    store.close();
    return forwarded;
  }
}
