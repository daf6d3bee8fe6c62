package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
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

  private static String told(Throwable e) {
    StringWriter err = new StringWriter();
    assertThat(Failures.print(e, new PrintWriter(err))).isEqualTo(ExitCodes.FAILED);
    return err.toString();
  }
}
