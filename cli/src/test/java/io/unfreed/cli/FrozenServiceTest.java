package io.unfreed.cli;

import static java.util.Collections.disjoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.sink.KafkaSink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service that gets no processor for longer than its transactions may take, as in a suspended
 * machine or an overloaded one: brokers roll back what it was about to commit.
 */
@Tag("broker")
class FrozenServiceTest {
  private static final int BATCHES_AT_ONCE = 3;
  private static final int PAUSE_NANOS = 20_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Set<TransactionState> NOT_ENDED =
      Set.of(
          TransactionState.ONGOING,
          TransactionState.PREPARE_ABORT,
          TransactionState.PREPARE_COMMIT);

  @TempDir Path directory;

  @Test
  void shouldPublishTheSameReportsWhenItsTransactionWasRolledBack() throws Exception {
    SyntheticRecording recording = new SyntheticRecording(7, 3, 120);
    Map<String, List<String>> expected =
        UndisturbedService.reports(recording, directory.resolve("undisturbed"));
    int batches = recording.batches.size();

    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (KafkaSink sink = UndisturbedService.sink(access);
          Admin admin = Admin.create(access.client());
          ServiceProcess service = new ServiceProcess(access, directory.resolve("frozen"))) {
        UndisturbedService.publish(recording, sink, 0, BATCHES_AT_ONCE);
        Set<TransactionState> committed = Set.of(TransactionState.COMPLETE_COMMIT);
        await().atMost(PATIENCE).until(() -> !in(admin, committed).isEmpty());
        int published = BATCHES_AT_ONCE;
        boolean isRolledBack = false;
        while (!isRolledBack) {
          service.thaw();
          assertThat(published).as("batches until a transaction was open").isLessThan(batches);
          int next = Math.min(batches, published + BATCHES_AT_ONCE);
          UndisturbedService.publish(recording, sink, published, next);
          published = next;
          LockSupport.parkNanos(PAUSE_NANOS);
          service.freeze();
          isRolledBack = isOneRolledBack(admin);
        }
        service.thaw();
        UndisturbedService.publish(recording, sink, published, batches);

        assertThat(UndisturbedService.awaitFinals(access, recording)).isEqualTo(expected);
        assertThat(service.isAlive()).isTrue();
        assertThat(service.terminate()).isZero();
      }
    }
  }

  /** Waits for the end of those that are open now; what was just committed may be one of them. */
  private static boolean isOneRolledBack(Admin admin) throws Exception {
    Set<String> open = in(admin, Set.of(TransactionState.ONGOING));
    await().atMost(PATIENCE).until(() -> disjoint(open, in(admin, NOT_ENDED)));
    return !disjoint(open, in(admin, Set.of(TransactionState.COMPLETE_ABORT)));
  }

  private static Set<String> in(Admin admin, Set<TransactionState> states) throws Exception {
    return admin.listTransactions().all().get().stream()
        .filter(one -> states.contains(one.state()))
        .map(TransactionListing::transactionalId)
        .collect(Collectors.toSet());
  }
}
