package io.unfreed.schemas.topic;

/**
 * Key of {@code unfreed.events}: {@code session/incarnation/lane}.
 *
 * @param session session id; holds no slash
 * @param incarnation incarnation within the session; holds no slash
 * @param lane lane number from 0
 */
public record LaneKey(String session, String incarnation, int lane) {
  public LaneKey {
    requireNoSlash("session", session);
    requireNoSlash("incarnation", incarnation);
    if (lane < 0) {
      throw new IllegalArgumentException("lane " + lane + " is negative");
    }
  }

  /** The key of the incarnation, as in {@code unfreed.reports}. */
  public String incarnationKey() {
    return incarnationKey(session, incarnation);
  }

  /** Key of {@code unfreed.reports}: {@code session/incarnation}. */
  public static String incarnationKey(String session, String incarnation) {
    return session + "/" + incarnation;
  }

  /** Reads what {@link #toString} wrote. */
  public static LaneKey parse(String key) {
    int first = key.indexOf('/');
    int second = key.indexOf('/', first + 1);
    if (first < 0 || second < 0 || key.indexOf('/', second + 1) >= 0) {
      throw new IllegalArgumentException("not a session/incarnation/lane key: " + key);
    }
    try {
      return new LaneKey(
          key.substring(0, first),
          key.substring(first + 1, second),
          Integer.parseInt(key.substring(second + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a session/incarnation/lane key: " + key, e);
    }
  }

  @Override
  public String toString() {
    return session + "/" + incarnation + "/" + lane;
  }

  private static void requireNoSlash(String what, String value) {
    if (value.isEmpty() || value.indexOf('/') >= 0) {
      throw new IllegalArgumentException(what + " is empty or holds a slash: " + value);
    }
  }
}
