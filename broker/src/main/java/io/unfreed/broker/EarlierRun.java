package io.unfreed.broker;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.NotControllerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's registration by an earlier run counts as alive for a session timeout, and for that
 * long the controller would refuse a new one. The lock of the directory says that it is dead.
 *
 * <p>On a busy machine the controller is elected seconds after it has started, and until then it
 * answers that it is none, or not at all: it is asked again, else a directory whose owner was
 * killed would be opened half a minute late.
 */
final class EarlierRun {
  private static final Logger LOG = LoggerFactory.getLogger(EarlierRun.class);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private EarlierRun() {}

  /**
   * Forgets it.
   *
   * @param unregister asks the controller once
   * @param patience behind it the session timeout is waited for, which is no longer
   */
  static void forget(Supplier<CompletableFuture<Void>> unregister, Duration patience) {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    while (!isSettled(unregister.get(), deadlineNanos - System.nanoTime())
        && System.nanoTime() - deadlineNanos < 0) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Whether there is nothing to forget any more, or nobody who could. */
  private static boolean isSettled(CompletableFuture<Void> answer, long patienceNanos) {
    try {
      answer.get(patienceNanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      LOG.debug("no earlier registration removed", e);
      return !(e.getCause() instanceof NotControllerException);
    } catch (TimeoutException e) {
      LOG.debug("no earlier registration removed", e);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
