package io.unfreed.server.http;

import java.io.IOException;

/** Answers requests that passed the door; called by many threads at once. */
public interface Handler {
  /**
   * Answers.
   *
   * @throws Problem when there is no answer
   */
  Reply answer(Request request) throws IOException;

  /** Whether anybody may ask for it: the page's own files, which hold nothing recorded. */
  boolean isPublic(String path);

  /**
   * Whether it is a stream of events that goes on until one side has enough: those do not count as
   * questions.
   */
  boolean isStream(String path);

  /** Whether other instances of the service ask for it, and nobody else. */
  default boolean isOfPeers(String path) {
    return false;
  }
}
