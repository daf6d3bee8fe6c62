package io.unfreed.streams.topology;

import java.time.Duration;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Commits that a task asks for because somebody waits for what it forwarded; all else becomes
 * visible with the commit interval. Looks at the clock while somebody waits only: behind each look
 * Kafka Streams commits, also what it has committed before ({@code
 * StreamTask.maybePunctuateSystemTime} of 4.3.1). Used by the task's thread.
 */
final class AwaitedCommits {
  private final ProcessorContext<?, ?> context;
  private final ThreadLocal<CommitPace> paces;
  private boolean isAwaited;

  /** Looks at the clock, while somebody waits who came too soon. */
  private Cancellable looking;

  /** Commits of one task, at the pace of the thread that runs it. */
  AwaitedCommits(ProcessorContext<?, ?> context, ThreadLocal<CommitPace> paces) {
    this.context = context;
    this.paces = paces;
  }

  /** Somebody waits for what was just forwarded. */
  void await() {
    isAwaited = true;
    commitIfDue();
    if (isAwaited && looking == null) {
      looking =
          context.schedule(
              Duration.ofMillis(CommitPace.GAP_MILLIS),
              PunctuationType.WALL_CLOCK_TIME,
              now -> commitIfDue());
    }
  }

  private void commitIfDue() {
    if (isAwaited && paces.get().take(context.currentSystemTimeMs())) {
      isAwaited = false;
      context.commit();
    }
    if (!isAwaited && looking != null) {
      looking.cancel();
      looking = null;
    }
  }
}
