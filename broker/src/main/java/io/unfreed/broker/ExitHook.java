package io.unfreed.broker;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Closes the broker when the JVM ends, and before that what needs it for its own end. */
final class ExitHook {
  private final Deque<Runnable> actions = new ConcurrentLinkedDeque<>();
  private final Thread thread = new Thread(this::run, "unfreed-broker-exit");

  /** Runs before those that were added earlier. */
  void add(Runnable action) {
    actions.addFirst(action);
  }

  /**
   * From now on it runs when the JVM ends.
   *
   * @param last runs behind all others; at once when the JVM is ending already
   * @throws BrokerException in that case
   */
  void install(Runnable last) {
    actions.addLast(last);
    try {
      Runtime.getRuntime().addShutdownHook(thread);
    } catch (IllegalStateException e) {
      last.run();
      throw BrokerException.ending(e);
    }
  }

  private void run() {
    actions.forEach(action -> Quietly.close(action::run));
  }

  void remove() {
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException e) {
      // The JVM is ending; the hook finds the node closed.
    }
  }
}
