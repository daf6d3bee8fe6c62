package io.unfreed.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers of the service as Prometheus reads them. */
class MetricsTest {
  @Test
  void shouldServeCountersByTheirNamesAndAllElseAsGauges() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Metrics(List::of, () -> Map.of("dead_letters_total", 2.0, "ledgers", 5.0)).write(out);

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .contains(
            "# TYPE unfreed_service_dead_letters_total counter",
            "unfreed_service_dead_letters_total 2.0",
            "# TYPE unfreed_service_ledgers gauge",
            "unfreed_service_ledgers 5.0");
  }
}
