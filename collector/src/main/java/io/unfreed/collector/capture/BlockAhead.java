package io.unfreed.collector.capture;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Unpacks one block ahead on a thread of its own. The consumer gives each block back when it asks
 * for the next.
 */
final class BlockAhead implements AutoCloseable {
  private static final int BLOCKS = 2;

  private final BlockReader reader;
  private final BlockingQueue<Block> free = new ArrayBlockingQueue<>(BLOCKS + 1);
  private final BlockingQueue<Block> ready = new ArrayBlockingQueue<>(BLOCKS + 1);
  private final Block last = new Block();
  private final Thread thread;
  private volatile Throwable failure;
  private boolean ended;

  BlockAhead(BlockReader reader) {
    this.reader = reader;
    for (int i = 0; i < BLOCKS; i++) {
      free.add(new Block());
    }
    thread = Thread.ofPlatform().name("capture-reader").daemon().unstarted(this::run);
    thread.start();
  }

  /** The next block, null at the end; {@code done} is the block given before, or null. */
  Block next(Block done) {
    if (ended) {
      return null;
    }
    if (done != null) {
      free.add(done);
    }
    Block block = take(ready);
    if (block == last) {
      ended = true;
      if (failure != null) {
        throw new IllegalStateException("the capture reader failed", failure);
      }
      return null;
    }
    return block;
  }

  private static Block take(BlockingQueue<Block> queue) {
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return queue.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    try {
      for (Block block = free.take(); reader.next(block); block = free.take()) {
        ready.add(block);
      }
    } catch (InterruptedException e) {
      failure = e;
    } catch (RuntimeException | OutOfMemoryError e) {
      failure = e;
    } finally {
      ready.add(last);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    reader.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
