package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class MarkSenderTest {
  private static final int ROUNDS = 2_000;

  @Test
  void shouldMarkARecordingThatRuns() throws IOException {
    String session = UUID.randomUUID().toString();
    List<String> labels = new CopyOnWriteArrayList<>();
    try (MarkListener listener = MarkListener.open(session, labels::add)) {
      assertThat(listener).isNotNull();
      assertThat(MarkSender.send(session, "after the deployment")).contains(session);
    }
    assertThat(labels).containsExactly("after the deployment");
    assertThat(MarkSender.send(session, "too late")).isEmpty();
  }

  @Test
  void shouldAnswerWhenRecordingsEndMeanwhile() throws Exception {
    String user = UUID.randomUUID().toString().substring(0, 8);
    CompletableFuture<Void> recordings =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; i < ROUNDS; i++) {
            beginAndEnd(user + UUID.randomUUID().toString().substring(8));
          }
        });
    while (!recordings.isDone()) {
      assertThat(MarkSender.send(user, "now").filter(marked -> !marked.startsWith(user))).isEmpty();
    }
    recordings.join();
  }

  private static void beginAndEnd(String session) {
    try (MarkListener listener = MarkListener.open(session, label -> {})) {
      assertThat(listener).isNotNull();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
