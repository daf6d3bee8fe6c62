package io.unfreed.streams.topology;

import org.apache.kafka.streams.processor.api.MockProcessorContext;

/** Counts the commits that a processor asks for, with a clock of the test's. */
final class Commits {
  private final MockProcessorContext<byte[], byte[]> context;
  private long nowMillis;
  private int count;

  Commits(MockProcessorContext<byte[], byte[]> context) {
    this.context = context;
    context.setCurrentSystemTimeMs(0);
  }

  static ThreadLocal<CommitPace> paces() {
    return ThreadLocal.withInitial(CommitPace::new);
  }

  /** Takes what was asked for since the last look. */
  Commits look() {
    if (context.committed()) {
      context.resetCommit();
      count++;
    }
    return this;
  }

  /** Lets time pass, with the processor's looks at the clock. */
  void pass(long millis) {
    for (long until = nowMillis + millis; nowMillis < until; nowMillis++) {
      context.setCurrentSystemTimeMs(nowMillis + 1);
      for (MockProcessorContext.CapturedPunctuator clock : context.scheduledPunctuators()) {
        if (!clock.cancelled() && (nowMillis + 1) % clock.getInterval().toMillis() == 0) {
          clock.getPunctuator().punctuate(nowMillis + 1);
          look();
        }
      }
    }
  }

  /** How many looks at the clock are scheduled. */
  long clocks() {
    return context.scheduledPunctuators().stream().filter(clock -> !clock.cancelled()).count();
  }

  int count() {
    return look().count;
  }
}
