package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A Kafka broker for commands that were given none: a KRaft node in this process, reachable from
 * this host only, or the live broker that another process already runs on the same data directory.
 *
 * <p>Every failure is a {@link BrokerException} with one line. Safe for use by several threads.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration OWNER_PAUSE = Duration.ofMillis(500);

  private final BrokerDirectory directory;
  private final BrokerAddress address;
  private final RunningNode node;
  private final ExitHook hook;

  /** Who runs the broker, if that is another process that can be seen from here. */
  private final Optional<ProcessHandle> owner;

  /** Why the broker stopped by itself, once that was printed. */
  private volatile BrokerException told;

  private EmbeddedBroker(
      BrokerDirectory directory, BrokerAddress address, RunningNode node, ExitHook hook) {
    this.directory = directory;
    this.address = address;
    this.node = node;
    this.hook = hook;
    owner = node == null ? ProcessHandle.of(address.pid()) : Optional.empty();
  }

  /** Starts a broker in a temporary directory, which is removed at {@link #close} and at exit. */
  public static EmbeddedBroker startTemporary() {
    BrokerDirectory directory = BrokerDirectory.temporary();
    try {
      return start(directory, DirectoryLock.tryTake(directory.lockFile()).orElseThrow());
    } catch (IOException e) {
      directory.discard();
      throw BrokerDirectory.failure(directory.path(), e);
    }
  }

  /**
   * Starts a broker in a directory that is kept, with all the topics it had, or connects to the
   * live broker of that directory.
   *
   * @param dataDirectory created with mode 0700 if it does not exist; otherwise empty or one of
   *     ours
   */
  public static EmbeddedBroker openOrConnect(Path dataDirectory) {
    BrokerDirectory directory = BrokerDirectory.kept(dataDirectory);
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (true) {
        // Scenario: the owner is still starting, or was killed and its address file is stale. Hence
        // first the address, tried for real, then the lock, and again until one of them works.
        Optional<BrokerAddress> written = BrokerAddress.read(directory.addressFile());
        if (written.isPresent() && LiveBroker.answers(written.get())) {
          return new EmbeddedBroker(directory, written.get(), null, null);
        }
        Optional<DirectoryLock> lock = DirectoryLock.tryTake(directory.lockFile());
        if (lock.isPresent()) {
          return start(directory, lock.get());
        }
        if (System.nanoTime() - deadlineNanos > 0) {
          throw unresponsive(directory, written);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    } catch (IOException e) {
      throw BrokerDirectory.failure(directory.path(), e);
    }
  }

  private static EmbeddedBroker start(BrokerDirectory directory, DirectoryLock lock) {
    RunningNode node = new RunningNode(directory, lock);
    ExitHook hook = ExitHook.install(node::close);
    try {
      EmbeddedBroker broker = new EmbeddedBroker(directory, node.start(), node, hook);
      broker.onFailure(broker::exit);
      return broker;
    } catch (BrokerException e) {
      hook.remove();
      throw e;
    }
  }

  private static BrokerException unresponsive(
      BrokerDirectory directory, Optional<BrokerAddress> written) {
    String owner =
        written
            .map(a -> "process %d, whose broker at %s".formatted(a.pid(), a.bootstrapServers()))
            .orElse("another process, which");
    return new BrokerException(
        "data directory %s: in use by %s does not answer".formatted(directory.path(), owner));
  }

  private void exit(BrokerException failure) {
    told = failure.asTold();
    System.err.println("unfreed: " + failure.getMessage());
    System.exit(1);
  }

  /**
   * What a client is told: {@code bootstrap.servers} and the credentials, without which nobody is
   * let in.
   */
  public Map<String, Object> client() {
    return address.toClient();
  }

  /** The same as a file of client properties, for other programs of this user. */
  public Path clientFile() {
    return directory.addressFile();
  }

  /** Host and port, for people. */
  public String bootstrapServers() {
    return address.bootstrapServers();
  }

  /** Whether the broker lives in this process; otherwise {@link #close} leaves it running. */
  public boolean ownsBroker() {
    return node != null;
  }

  /**
   * Says what to do when the broker cannot go on, for example because the disk is full. Without
   * this the line is printed to standard error and the process exits with 1. Called on a thread of
   * its own.
   */
  public void onFailure(Consumer<BrokerException> listener) {
    if (node != null) {
      node.onFault(listener);
    }
  }

  /**
   * Says when the process that runs the broker has ended, where that is another one: then nothing
   * answers at this address again, also when somebody starts a broker on the directory. Called on a
   * thread of its own; never where that process cannot be seen from here: in another pid namespace
   * its number may be somebody else's, whose end says nothing while the broker answers.
   */
  public void onOwnerEnd(Consumer<BrokerException> listener) {
    owner.ifPresent(process ->
        Thread.ofPlatform()
            .daemon()
            .name("unfreed-broker-owner")
            .start(() -> {
              if (hasEnded(process)) {
                listener.accept(ownerEnded());
              }
            }));
  }

  /** Blocks until it has; false when interrupted. */
  private static boolean hasEnded(ProcessHandle process) {
    try {
      while (process.isAlive()) {
        Thread.sleep(OWNER_PAUSE);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private BrokerException ownerEnded() {
    return new BrokerException(
        "the broker at %s of data directory %s is gone: it ended with process %d, which ran it"
            .formatted(address.bootstrapServers(), directory.path(), address.pid()));
  }

  /**
   * Runs something before the broker closes when the JVM ends by a signal or {@code System.exit},
   * such as closing the streams that need the broker for it. The JVM runs hooks at the same time,
   * so a hook of one's own would find the broker gone. The latest comes first.
   */
  public void beforeExit(Runnable action) {
    if (hook != null) {
      hook.add(action);
    }
  }

  /**
   * Stops the broker if it is ours. May be called again.
   *
   * @throws BrokerException when it had stopped by itself and that was told: what the caller fails
   *     with is a consequence, and the process is ending
   */
  @Override
  public void close() {
    if (node != null) {
      node.close();
      hook.remove();
    }
    if (told != null) {
      throw told;
    }
  }

  /** Closes the broker when the JVM ends. */
  private static final class ExitHook {
    private final Deque<Runnable> actions = new ConcurrentLinkedDeque<>();
    private final Thread thread;

    private ExitHook() {
      thread = new Thread(this::run, "unfreed-broker-exit");
    }

    static ExitHook install(Runnable last) {
      ExitHook hook = new ExitHook();
      hook.add(last);
      try {
        Runtime.getRuntime().addShutdownHook(hook.thread);
      } catch (IllegalStateException e) {
        last.run();
        throw BrokerException.ending(e);
      }
      return hook;
    }

    void add(Runnable action) {
      actions.addFirst(action);
    }

    private void run() {
      actions.forEach(action -> Quietly.close(action::run));
    }

    void remove() {
      try {
        Runtime.getRuntime().removeShutdownHook(thread);
      } catch (IllegalStateException e) {
        // The JVM is ending; the hook finds the node closed.
      }
    }
  }
}
