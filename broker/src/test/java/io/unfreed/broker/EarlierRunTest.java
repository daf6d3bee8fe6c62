package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.NotControllerException;
import org.junit.jupiter.api.Test;

class EarlierRunTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final CompletableFuture<Void> NOT_YET =
      CompletableFuture.failedFuture(new NotControllerException("no leader"));

  @Test
  void shouldAskAgainWhenTheControllerIsNotElectedYet() {
    Deque<CompletableFuture<Void>> answers =
        new ArrayDeque<>(
            List.of(NOT_YET, NOT_YET, NOT_YET, CompletableFuture.completedFuture(null), NOT_YET));

    EarlierRun.forget(answers::remove, PATIENCE);

    assertThat(answers).hasSize(1);
  }

  @Test
  void shouldGoOnAtOnceWhenThereWasNone() {
    Deque<CompletableFuture<Void>> answers =
        new ArrayDeque<>(
            List.of(
                CompletableFuture.failedFuture(new BrokerIdNotRegisteredException("none")),
                NOT_YET));

    EarlierRun.forget(answers::remove, PATIENCE);

    assertThat(answers).hasSize(1);
  }

  @Test
  void shouldGoOnWhenNobodyIsElectedForTooLong() {
    int[] asked = {0};
    EarlierRun.forget(
        () -> {
          asked[0]++;
          return NOT_YET;
        },
        Duration.ofMillis(100));
    EarlierRun.forget(CompletableFuture::new, Duration.ofMillis(1));

    assertThat(asked[0]).isPositive();
  }
}
