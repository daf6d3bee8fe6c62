package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

/** What is told of a failure. */
class FailuresTest {
  @Test
  void shouldTellNothingWhenASignalCameFirst() {
    // What Runtime.addShutdownHook throws then.
    assertThat(told(new IllegalStateException("Shutdown in progress"))).isEmpty();
    assertThat(told(new IllegalStateException("queue full")))
        .startsWith("unfreed: internal error: IllegalStateException: queue full");
  }

  @Test
  void shouldNameThePropertyThatAClientRefuses() {
    assertThat(
            Failures.oneLine(
                new KafkaException(
                    "Failed to construct kafka producer",
                    new ConfigException("delivery.timeout.ms should be larger than it is"))))
        .isEqualTo(
            "Kafka's client refuses its properties: delivery.timeout.ms should be larger than it is");
    assertThat(Failures.oneLine(new KafkaException("lost", new IllegalStateException("why"))))
        .isEqualTo("internal error: KafkaException: lost");
  }

  private static String told(Throwable e) {
    StringWriter err = new StringWriter();
    assertThat(Failures.print(e, new PrintWriter(err))).isEqualTo(ExitCodes.FAILED);
    return err.toString();
  }
}
