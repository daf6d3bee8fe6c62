package io.unfreed.streams.topology;

import java.nio.charset.StandardCharsets;

/** Keys of events as text; a null key, which only a foreign record has, is the empty text. */
final class EventKeys {
  private EventKeys() {}

  static String text(byte[] key) {
    return key == null ? "" : new String(key, StandardCharsets.UTF_8);
  }
}
