package io.unfreed.collector.capture;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Compresses and writes blocks on a thread of its own, so that the thread that makes the events
 * does not wait. At most {@link #BUFFERS} blocks are on their way. The first failure is kept and
 * thrown at the next call; nothing is written behind it.
 */
final class BlockPipe {
  /**
   * zstd level. 10 M churn events in blocks of 1 MB: level 1 3.73 bytes and 15 ns an event, level 3
   * 3.60 bytes and 25 ns, level 6 3.64 bytes and 27 ns; real recordings lose 5 to 8 % from 1 to 3.
   */
  static final int LEVEL = 3;

  private static final int BUFFERS = 3;
  private static final int FIRST_BYTES = 64 * 1024;
  private static final int LONGEST_NUMBER = 10;

  private final OutputStream out;
  private final byte[] sync;
  private final BlockingQueue<BlockBuffer> free = new ArrayBlockingQueue<>(BUFFERS);
  private final BlockingQueue<BlockBuffer> full = new ArrayBlockingQueue<>(BUFFERS + 1);
  private final BlockBuffer last = new BlockBuffer(0);
  private final Thread thread;
  private volatile IOException failure;

  BlockPipe(OutputStream out, byte[] sync) {
    this.out = out;
    this.sync = sync.clone();
    for (int i = 0; i < BUFFERS; i++) {
      free.add(new BlockBuffer(FIRST_BYTES));
    }
    thread = Thread.ofPlatform().name("capture-writer").daemon().unstarted(this::run);
    thread.start();
  }

  /** An empty buffer to fill. */
  BlockBuffer take() throws IOException {
    check();
    return await(free);
  }

  /** Hands a filled buffer over. */
  void give(BlockBuffer block) throws IOException {
    check();
    full.add(block);
  }

  /** Waits until all that was given is written. The caller must hold no buffer. */
  void drain() throws IOException {
    BlockBuffer[] all = new BlockBuffer[BUFFERS];
    for (int i = 0; i < BUFFERS; i++) {
      all[i] = await(free);
    }
    for (BlockBuffer buffer : all) {
      free.add(buffer);
    }
    check();
  }

  /** Ends the thread after what was given is written. */
  void stop() throws IOException {
    full.add(last);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the last blocks were written", e);
    }
    check();
  }

  private void check() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  private static BlockBuffer await(BlockingQueue<BlockBuffer> queue) throws IOException {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the disk", e);
    }
  }

  private void run() {
    try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
      zstd.setLevel(LEVEL);
      zstd.setChecksum(true);
      BlockBuffer head = new BlockBuffer(2 * LONGEST_NUMBER);
      BlockBuffer packed = new BlockBuffer(FIRST_BYTES);
      for (BlockBuffer block = full.take(); block != last; block = full.take()) {
        if (failure == null) {
          write(zstd, block, head, packed);
        }
        free.add(block);
      }
    } catch (InterruptedException e) {
      failure = new IOException("the writing thread was interrupted", e);
    }
  }

  private void write(
      ZstdCompressCtx zstd, BlockBuffer block, BlockBuffer head, BlockBuffer packed) {
    try {
      packed.clear();
      packed.ensure((int) Zstd.compressBound(block.length()));
      packed.grew(
          zstd.compressByteArray(
              packed.bytes(), 0, packed.bytes().length, block.bytes(), 0, block.length()));
      head.clear();
      head.putLong(block.records());
      head.putLong(packed.length());
      packed.put(sync, 0, sync.length);
      out.write(head.bytes(), 0, head.length());
      out.write(packed.bytes(), 0, packed.length());
    } catch (IOException e) {
      failure = e;
    } catch (RuntimeException | OutOfMemoryError e) {
      failure = new IOException("cannot compress a block: " + e.getMessage(), e);
    }
  }
}
