package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/**
 * Runs the broker of a directory from the moment when nobody else does: at the same address, where
 * the clients of this process and of others go on looking for it.
 *
 * <p>Whether somebody runs it is what the lock of the directory says, also after a SIGKILL and
 * where the other process cannot be seen. Of several that wait one gets the lock; the others find
 * its broker at the address they know and wait for its end.
 */
final class Successor implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int ATTEMPTS = 6;

  private final BrokerDirectory directory;
  private final BrokerAddress address;
  private final ObjLongConsumer<RunningNode> taken;
  private final Consumer<BrokerException> lost;

  /** Held while the broker starts: whoever closes meanwhile waits for its end. */
  private final ReentrantLock lifecycle = new ReentrantLock();

  private boolean closed;

  /** Attempts since somebody was seen to run it. */
  private int vain;

  /** The process that ran it when we looked last. */
  private long runner;

  /**
   * Waits on a thread of its own.
   *
   * @param taken starts a node, and knows the process that ran the broker before; what it throws is
   *     why the broker is lost
   * @param lost told once that the broker is not to be had at the address any more
   */
  Successor(
      BrokerDirectory directory,
      BrokerAddress address,
      ObjLongConsumer<RunningNode> taken,
      Consumer<BrokerException> lost) {
    this.directory = directory;
    this.address = address;
    runner = address.pid();
    this.taken = taken;
    this.lost = lost;
    Thread.ofPlatform().daemon().name("unfreed-broker-successor").start(this::await);
  }

  private void await() {
    try {
      do {
        Thread.sleep(PAUSE);
      } while (!isSettled());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (NoSuchFileException e) {
      lost.accept(BrokerDirectory.failure(directory.path(), e));
    } catch (BrokerException e) {
      lost.accept(e.isTold() ? e : gone(e.getMessage()));
    }
  }

  private boolean isSettled() throws NoSuchFileException {
    try {
      return isSettledNow();
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      // As without a free descriptor: whether the broker is there was not to be learned.
      return false;
    }
  }

  private boolean isSettledNow() throws IOException {
    lifecycle.lock();
    try {
      if (closed) {
        return true;
      }
      boolean isOurs = directory.isOurs();
      Optional<DirectoryLock> lock = DirectoryLock.tryTake(directory.lockFile());
      if (lock.isPresent()) {
        return tryToRun(lock.get(), isOurs);
      }
      vain = 0;
    } finally {
      lifecycle.unlock();
    }
    BrokerAddress.read(directory.addressFile()).ifPresent(this::follow);
    return false;
  }

  /** Nobody runs it. What fails here may be done by another one; if not, it is tried again. */
  private boolean tryToRun(DirectoryLock lock, boolean isOurs) {
    try {
      if (!isOurs) {
        lock.close(); // what we would write is nothing that its owner could read
        throw new BrokerException("the directory is another user's");
      }
      taken.accept(new RunningNode(directory, lock, Optional.of(address)), runner);
      return true;
    } catch (BrokerException e) {
      vain++;
      if (e.isTold() || vain == ATTEMPTS) {
        throw e;
      }
      return false;
    }
  }

  /** Whoever runs it now. Scenario: another program has taken the port before it could. */
  private void follow(BrokerAddress now) {
    if (!now.bootstrapServers().equals(address.bootstrapServers())) {
      throw new BrokerException(
          "process %d runs it at %s now".formatted(now.pid(), now.bootstrapServers()));
    }
    runner = now.pid();
  }

  private BrokerException gone(String why) {
    return new BrokerException(
        "the broker at %s of data directory %s is gone: it ended with process %d; %s"
            .formatted(address.bootstrapServers(), directory.path(), runner, why));
  }

  /** No attempt begins after it returns, and none is under way. */
  @Override
  public void close() {
    lifecycle.lock();
    try {
      closed = true;
    } finally {
      lifecycle.unlock();
    }
  }
}
