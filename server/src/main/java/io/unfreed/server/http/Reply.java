package io.unfreed.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An answer.
 *
 * @param type its media type
 * @param fileName the name under which a browser should keep it; null to show it
 * @param body what it says
 */
public record Reply(String type, String fileName, Body body) {
  /** One line of JSON after the other. */
  public static final String JSON_LINES = "application/x-ndjson";

  /** JSON. */
  public static final String JSON = "application/json";

  /** Server-sent events. */
  public static final String EVENTS = "text/event-stream";

  /** Anything. */
  public static final String BYTES = "application/octet-stream";

  /** What an answer says. */
  public interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /** An answer to show. */
  public Reply(String type, Body body) {
    this(type, null, body);
  }

  /** A text. */
  public static Reply of(String type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Reply(type, out -> out.write(bytes));
  }
}
