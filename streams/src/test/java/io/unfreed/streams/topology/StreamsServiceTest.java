package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Begin and end of the service, where no broker is. */
class StreamsServiceTest {
  @TempDir Path state;

  @Test
  void shouldStopWithoutFailureWhenClosedBeforeItStarts() throws Exception {
    try (StreamsService service = new StreamsService(settings(), (partition, done, total) -> {})) {
      service.close();
      service.start();

      service.awaitStop();
      assertThat(service.failure()).isNull();
    }
  }

  private ServiceSettings settings() {
    return new ServiceSettings(
        Map.of("bootstrap.servers", "127.0.0.1:1"),
        1,
        state,
        false,
        Duration.ofMillis(200),
        1 << 20,
        1 << 20,
        false);
  }
}
