package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A Kafka broker for commands that were given none: a KRaft node in this process, reachable from
 * this host only, or the live broker that another process already runs on the same data directory;
 * who asks for it runs that one when the other process has ended.
 *
 * <p>Every failure is a {@link BrokerException} with one line. Safe for use by several threads.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration OWNER_PAUSE = Duration.ofMillis(500);

  private final BrokerDirectory directory;
  private final BrokerAddress address;

  /** Who runs the broker, if that is another process that can be seen from here. */
  private final Optional<ProcessHandle> owner;

  private final boolean owned;
  private final ExitHook hook;

  /** The node of this process, null while another one runs the broker. */
  private volatile RunningNode node;

  /** Waits for the end of that other process; null where nobody asked for it. */
  private volatile Successor successor;

  /** Why the broker stopped by itself, once that was printed. */
  private volatile BrokerException told;

  private EmbeddedBroker(
      BrokerDirectory directory, BrokerAddress address, RunningNode node, ExitHook hook) {
    this.directory = directory;
    this.address = address;
    this.node = node;
    this.hook = hook;
    owned = node != null;
    owner = owned ? Optional.empty() : ProcessHandle.of(address.pid());
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
          return new EmbeddedBroker(directory, written.get(), null, new ExitHook());
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
    RunningNode node = new RunningNode(directory, lock, Optional.empty());
    ExitHook hook = new ExitHook();
    EmbeddedBroker broker = new EmbeddedBroker(directory, started(node, hook), node, hook);
    node.onFault(broker::exit);
    return broker;
  }

  private static BrokerAddress started(RunningNode node, ExitHook hook) {
    hook.install(node::close);
    try {
      return node.start();
    } catch (BrokerException e) {
      hook.remove();
      throw e;
    }
  }

  /**
   * From now on this process runs the broker when the one that does has ended; nothing happens
   * where it is ours already. For those who only publish, for long: who reads is over soon, and
   * members of a group that is about to give them partitions while its broker goes away may never
   * create their tasks (seen with Kafka Streams 4.3.1's streams protocol, 1 of 9).
   *
   * @param listener gets a line for people, on a thread of its own: that this process runs the
   *     broker, for whose clients there was none for some seconds, or why it cannot
   */
  public void takeOverWhenOwnerEnds(Consumer<String> listener) {
    if (!owned) {
      successor =
          new Successor(
              directory,
              address,
              (own, pid) -> takeOver(own, pid, listener),
              failure -> tell(failure, listener));
    }
  }

  private void takeOver(RunningNode own, long pid, Consumer<String> listener) {
    started(own, hook);
    node = own;
    // Whoever waits behind us may have more luck, and what is on its way here may wait for it.
    own.onFault(failure -> {
      own.close();
      tell(failure, listener);
    });
    listener.accept(
        "runs the broker at %s of data directory %s from now on: it ended with process %d"
            .formatted(address.bootstrapServers(), directory.path(), pid));
  }

  private static void tell(BrokerException failure, Consumer<String> listener) {
    if (!failure.isTold()) {
      listener.accept(failure.getMessage());
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

  /** Whether this process started the broker; otherwise somebody else had. */
  public boolean ownsBroker() {
    return owned;
  }

  /**
   * Says when the process that runs the broker has ended, where that is another one, whoever runs
   * it then. Called on a thread of its own; never where that process cannot be seen from here: in
   * another pid namespace its number may be somebody else's, whose end says nothing while the
   * broker answers.
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
    hook.add(action);
  }

  /**
   * Stops the broker if it runs in this process. May be called again.
   *
   * @throws BrokerException when it had stopped by itself and that was told: what the caller fails
   *     with is a consequence, and the process is ending
   */
  @Override
  public void close() {
    if (successor != null) {
      successor.close();
    }
    if (node != null) {
      node.close();
      hook.remove();
    }
    if (told != null) {
      throw told;
    }
  }
}
