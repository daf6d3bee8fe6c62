package io.unfreed.broker;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import kafka.server.FaultHandlerFactory;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;

/**
 * Where a node reports that it cannot go on. Kafka would end the process, in the middle of whatever
 * the rest of it is doing and without a word; we want one line and an orderly end.
 */
final class NodeFaults implements FaultHandlerFactory {
  private final AtomicReference<String> first = new AtomicReference<>();
  private volatile Consumer<String> listener = reason -> {};

  @Override
  public FaultHandler build(String name, boolean fatal, Runnable action) {
    return (message, cause) -> {
      action.run();
      String reason = name + ": " + message + (cause == null ? "" : ": " + Causes.line(cause));
      if (fatal) {
        report(reason);
      }
      return new FaultHandlerException(reason, cause);
    };
  }

  /**
   * Receives what Kafka wants to end the process for. The procedures are global to the JVM: the
   * latest node of the process hears of it.
   */
  void catchExits() {
    Exit.Procedure procedure =
        (status, message) ->
            report(message == null ? "its data directory failed (exit " + status + ")" : message);
    Exit.setExitProcedure(procedure);
    Exit.setHaltProcedure(procedure);
  }

  /** From now on faults go to the listener; one that has happened already goes there at once. */
  void listen(Consumer<String> newListener) {
    listener = newListener;
    String reason = first.get();
    if (reason != null) {
      tell(reason);
    }
  }

  /** The first fault, or null. */
  String first() {
    return first.get();
  }

  private void report(String reason) {
    if (first.compareAndSet(null, reason)) {
      tell(reason);
    }
  }

  /** On a thread of its own: Kafka reports from threads that hold its locks, and we listen so. */
  private void tell(String reason) {
    Thread.ofPlatform().daemon().name("unfreed-broker-fault").start(() -> listener.accept(reason));
  }
}
