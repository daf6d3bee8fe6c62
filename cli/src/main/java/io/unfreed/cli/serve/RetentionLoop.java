package io.unfreed.cli.serve;

import io.unfreed.query.FailedException;
import io.unfreed.query.Retention;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Forgets ended sessions beside a service, now and then, on a thread of its own. */
public final class RetentionLoop implements AutoCloseable {
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().daemon().name("unfreed-retention").unstarted(work));
  private final Retention retention;

  /** Sweeps at once, and then about as often as it matters. */
  public RetentionLoop(Map<String, Object> client, Duration keep) {
    retention = new Retention(client, keep);
    long pauseMillis = Math.clamp(keep.toMillis() / 10, 1000, LONGEST_PAUSE.toMillis());
    thread.scheduleWithFixedDelay(this::sweep, 0, pauseMillis, TimeUnit.MILLISECONDS);
  }

  private void sweep() {
    try {
      Retention.Swept swept = retention.sweep(System.currentTimeMillis());
      if (swept.sessions() > 0) {
        System.err.println(
            "unfreed: forgot %d sessions that had ended, and %d stacks of theirs"
                .formatted(swept.sessions(), swept.stacks()));
      }
    } catch (FailedException e) {
      System.err.println("unfreed: " + e.getMessage() + "; tried again later");
    } catch (RuntimeException e) { // else it would be the last try, without a word
      System.err.println(
          "unfreed: sessions that ended are not forgotten: " + e + "; tried again later");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
