package io.unfreed.server.api;

import io.unfreed.server.answer.Readings;
import io.unfreed.server.http.Reply;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Server-sent events: {@code changed} whenever the same question may have another answer. A comment
 * now and then tells who listens that the server lives, and the server that somebody listens.
 */
final class Changes implements Reply.Body {
  private static final Duration LOOKS = Duration.ofSeconds(1);
  private static final int LOOKS_TO_COMMENT = 15;

  private final Readings readings;

  Changes(Readings readings) {
    this.readings = readings;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Object known = version();
    send(out, "retry: 3000\n\n");
    for (int looks = 1; ; looks++) {
      try {
        Thread.sleep(LOOKS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the server ends");
      }
      Object now = version();
      if (!now.equals(known)) {
        known = now;
        send(out, "event: changed\ndata: {}\n\n");
      } else if (looks % LOOKS_TO_COMMENT == 0) {
        send(out, ": here\n\n");
      }
    }
  }

  /** Of all that can be asked. */
  private Object version() {
    return List.of(readings.version(), readings.traces().version());
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
