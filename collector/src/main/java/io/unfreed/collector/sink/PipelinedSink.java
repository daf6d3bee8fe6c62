package io.unfreed.collector.sink;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.EncodedBatch;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Hands a recording to another sink on a thread of its own, in order and a bounded number of steps
 * ahead, so that reading and analysing overlap. A failure of the other sink is thrown by the next
 * call here. Called by one thread.
 *
 * @param <T> what the other sink is
 */
public class PipelinedSink<T extends RecordingSink> implements RecordingSink {
  private static final int STEPS_AHEAD = 32;
  private static final long LOOKS_MILLIS = 100;

  /**
   * What is done with the other sink, on its thread.
   *
   * @param <T> what it is
   */
  protected interface Step<T> {
    /** Does it. */
    void run(T sink) throws IOException;
  }

  private final BlockingQueue<Step<T>> steps = new ArrayBlockingQueue<>(STEPS_AHEAD);
  private final T target;

  /** Begins with the first step. */
  private Thread worker;

  private volatile IOException failure;

  /** A {@code RuntimeException} or an {@code Error}: no memory, say. */
  private volatile Throwable crash;

  private boolean closed;
  private boolean told;

  /** A sink to which nothing was handed yet. */
  public PipelinedSink(T target) {
    this.target = target;
  }

  @Override
  public void session(Session session) throws IOException {
    give(sink -> sink.session(session));
  }

  @Override
  public void stack(CallStack stack) throws IOException {
    give(sink -> sink.stack(stack));
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    give(sink -> sink.batch(batch));
  }

  @Override
  public void trace(TraceStatement statement) throws IOException {
    give(sink -> sink.trace(statement));
  }

  @Override
  public void place(long offset) throws IOException {
    give(sink -> sink.place(offset));
  }

  /** Waits until the other sink has taken and flushed everything. */
  @Override
  public void flush() throws IOException {
    var done = new java.util.concurrent.CountDownLatch(1);
    give(sink -> {
      sink.flush();
      done.countDown();
    });
    try {
      while (!done.await(LOOKS_MILLIS, TimeUnit.MILLISECONDS)) {
        check();
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (worker != null) {
        if (failure == null && crash == null) {
          give(sink -> {
            throw new Finished();
          });
        }
        worker.join();
      }
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      target.close();
    }
    if (!told && !(failure instanceof Finished)) {
      check();
    }
  }

  private void work() {
    try {
      while (true) {
        steps.take().run(target);
      }
    } catch (IOException e) {
      failure = e;
    } catch (RuntimeException | Error e) {
      crash = e;
    } catch (InterruptedException e) {
      failure = new InterruptedIOException("interrupted");
    }
  }

  /** Has it done when its turn comes. */
  protected final void give(Step<T> step) throws IOException {
    if (worker == null) {
      worker = Thread.ofPlatform().name("unfreed-sink").daemon().start(this::work);
    }
    try {
      do {
        check();
      } while (!steps.offer(step, LOOKS_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** Waits for what a step will give back. */
  protected final <E> E take(BlockingQueue<E> givenBack) throws IOException {
    try {
      E next;
      do {
        check();
        next = givenBack.poll(LOOKS_MILLIS, TimeUnit.MILLISECONDS);
      } while (next == null);
      return next;
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private void check() throws IOException {
    told |= failure != null || crash != null;
    if (failure != null) {
      throw failure;
    }
    switch (crash) {
      case null -> {}
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(crash);
    }
  }

  private static IOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  /** Ends the worker. */
  private static final class Finished extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
