package io.unfreed.collector.live;

import io.unfreed.collector.sink.RecordingSink;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hands steps to a sink on a thread of its own, in order, so that symbolising and a slow sink do
 * not keep the ring buffer from being drained. Bounded in bytes: beyond that the giver does the
 * oldest step itself, and the ring buffer holds what comes meanwhile; so does who closes it. Then
 * the thread may well be one that others go before.
 */
final class Outbox implements AutoCloseable {
  private static final long MOST_BYTES = 24 << 20;

  /** Something the sink is given. */
  interface Step {
    void run(RecordingSink sink) throws IOException;
  }

  private record Entry(Step step, int bytes) {}

  private final RecordingSink sink;
  private final long flushNanos;
  private final ReentrantLock lock = new ReentrantLock();

  /** Whoever holds it takes the next entry and has it done before it lets go: the order. */
  private final ReentrantLock turn = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private final Deque<Entry> entries = new ArrayDeque<>();
  private final Thread worker;
  private long waitingBytes;
  private boolean closed;
  private volatile Exception failure;

  /**
   * Starts the thread.
   *
   * @param flushNanos flush the sink this often; 0 for never
   */
  Outbox(RecordingSink sink, long flushNanos) {
    this.sink = sink;
    this.flushNanos = flushNanos;
    worker = Thread.ofPlatform().name("unfreed-outbox").daemon().start(this::work);
  }

  /** Why nothing goes out any more; null while all is well. */
  Exception failure() {
    return failure;
  }

  /** Bytes of the steps that wait. */
  long waitingBytes() {
    lock.lock();
    try {
      return waitingBytes;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a step; after a failure it is dropped. */
  void give(Step step, int bytes) {
    while (isFull()) {
      help();
    }
    lock.lock();
    try {
      if (failure == null) {
        entries.add(new Entry(step, bytes));
        waitingBytes += bytes;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull() {
    lock.lock();
    try {
      return waitingBytes > MOST_BYTES && failure == null;
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    long nextFlush = System.nanoTime() + flushNanos;
    boolean dirty = false;
    try {
      while (awaitNext(dirty)) {
        dirty |= doNext() && flushNanos > 0;
        if (dirty && System.nanoTime() - nextFlush > 0) {
          flush();
          dirty = false;
          nextFlush = System.nanoTime() + flushNanos;
        }
      }
    } catch (IOException | RuntimeException | InterruptedException e) {
      fail(e);
    }
  }

  /** False when there is nothing left and nothing will come; true as well when a flush is due. */
  private boolean awaitNext(boolean dirty) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (entries.isEmpty() && !closed) {
        if (!dirty) {
          changed.await();
        } else if (changed.awaitNanos(Math.max(1, flushNanos)) <= 0) {
          return true;
        }
      }
      return !entries.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Does the oldest step; false when there is none. */
  private boolean doNext() throws IOException {
    turn.lock();
    try {
      Entry entry = poll();
      if (entry != null) {
        entry.step.run(sink);
      }
      return entry != null;
    } catch (IOException | RuntimeException e) {
      fail(e); // before somebody else's turn: what follows must not go out
      throw e;
    } finally {
      turn.unlock();
    }
  }

  private Entry poll() {
    lock.lock();
    try {
      Entry entry = entries.poll();
      if (entry != null) {
        waitingBytes -= entry.bytes;
      }
      return entry;
    } finally {
      lock.unlock();
    }
  }

  private void flush() throws IOException {
    turn.lock();
    try {
      sink.flush();
    } catch (IOException | RuntimeException e) {
      fail(e);
      throw e;
    } finally {
      turn.unlock();
    }
  }

  /** Does the oldest step for the thread; false when there is none. */
  private boolean help() {
    boolean wasInterrupted = Thread.interrupted(); // a sink would take it for itself
    try {
      return doNext();
    } catch (IOException | RuntimeException e) {
      return false; // it has failed
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void fail(Exception e) {
    lock.lock();
    try {
      failure = failure == null ? e : failure;
      entries.clear();
      waitingBytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * As {@link #close}, for the end of a recording.
   *
   * @throws IOException why not everything has gone out
   */
  void closeOrThrow() throws IOException {
    close();
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure != null) {
      throw new IOException("the recording could not be written: " + failure.getMessage(), failure);
    }
  }

  /** Waits until everything given has gone out; the sink stays open. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    boolean more = true;
    while (more) {
      more = help();
    }
    try {
      while (!worker.join(java.time.Duration.ofSeconds(1))) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
    } catch (InterruptedException e) {
      worker.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
