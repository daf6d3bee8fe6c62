package io.unfreed.broker;

/** Steps of a shutdown that must not keep the following steps from happening. */
final class Quietly {
  private Quietly() {}

  static void close(AutoCloseable closeable) {
    if (closeable == null) {
      return;
    }
    try {
      closeable.close();
    } catch (Exception | Error e) {
      // What is being closed is given up on anyway.
      System.getLogger(Quietly.class.getName()).log(System.Logger.Level.DEBUG, "close", e);
    }
  }
}
