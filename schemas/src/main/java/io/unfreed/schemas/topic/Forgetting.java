package io.unfreed.schemas.topic;

import java.nio.charset.StandardCharsets;

/**
 * The record that makes the service forget a session: its id and a slash as the key, which is no
 * key of any lane or process, and no value. One goes into every partition of {@code
 * unfreed.events}, of {@code unfreed.statements} and of {@code unfreed.histograms}.
 */
public final class Forgetting {
  private Forgetting() {}

  /** The key for a session. */
  public static byte[] key(String session) {
    return (session + "/").getBytes(StandardCharsets.UTF_8);
  }

  /** With what the keys of the session's lanes and processes begin; null for any other record. */
  public static String prefix(String key, byte[] value) {
    boolean isOne = value == null && key.length() > 1 && key.indexOf('/') == key.length() - 1;
    return isOne ? key : null;
  }
}
