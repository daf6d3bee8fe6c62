package io.unfreed.cli.live;

import static org.awaitility.Awaitility.await;

import io.unfreed.cli.CommandRun;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A recording command in this process, on a thread of its own. */
final class InThread {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final CompletableFuture<CommandRun> run;

  /** Starts it and waits until it records: only then its session takes marks. */
  InThread(String... arguments) {
    run = CompletableFuture.supplyAsync(() -> CommandRun.of(arguments));
    await()
        .atMost(PATIENCE)
        .until(() -> run.isDone() || Recordings.isRunning(ProcessHandle.current().pid()));
  }

  CommandRun result() throws Exception {
    return run.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
