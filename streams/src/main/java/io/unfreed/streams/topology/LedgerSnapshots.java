package io.unfreed.streams.topology;

import io.unfreed.streams.snapshot.Snapshot;
import io.unfreed.streams.snapshot.SnapshotDirectory;
import io.unfreed.streams.snapshot.SnapshotHeader;
import io.unfreed.streams.snapshot.UnreadableSnapshotException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of the ledgers that this instance can reach: files of its own, and the topic that
 * all share. One for all stores of the service; thread-safe.
 *
 * <p>Scenario of a kill, pinned by LedgerSnapshotsTest: a snapshot as of offset 90 was written, and
 * the transaction in which record 89 was processed never ended. The committed offset is 60: records
 * 60 to 89 will be processed again and must be stated again, so the state that has them already is
 * passed over, and the one before is taken.
 */
final class LedgerSnapshots {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerSnapshots.class);

  /** What a store begins with when no snapshot is of use. */
  static final long NOTHING = -1;

  /** Files of a partition that is elsewhere are of use when it comes back soon. */
  private static final Duration KEPT = Duration.ofDays(1);

  private final SnapshotDirectory directory;
  private final SnapshotCluster cluster;
  private final long everyBytes;
  private volatile Thread starter;

  /** By partition: offsets that turned out not to be committed. */
  private final Map<Integer, Long> ceilings = new ConcurrentHashMap<>();

  /** Partitions of this instance. */
  private final Set<Integer> open = ConcurrentHashMap.newKeySet();

  /**
   * Snapshots of this instance.
   *
   * @param everyBytes how many bytes of events a restart may have to apply again
   */
  LedgerSnapshots(SnapshotDirectory directory, SnapshotCluster cluster, long everyBytes) {
    this.directory = directory;
    this.cluster = cluster;
    this.everyBytes = everyBytes;
  }

  /**
   * Says who starts the service. That thread opens the stores of every partition that has files
   * here, only to ask for their offsets, and closes them again.
   */
  void startedBy(Thread thread) {
    starter = thread;
  }

  /** Whether a store is opened to be asked only. */
  boolean isStarting() {
    return Thread.currentThread().equals(starter);
  }

  /** The highest offset of the partition's files, or {@link #NOTHING}: unchecked, for a guess. */
  long newestOnDisk(int partition) {
    return files(partition).stream()
        .mapToLong(file -> file.header().nextOffset())
        .max()
        .orElse(NOTHING);
  }

  long everyBytes() {
    return everyBytes;
  }

  /** What a store must know of its partition, and the offset it goes on at. */
  record Beginning(
      SnapshotCluster.EventLog log, long nextOffset, Ledgers.Since since, int topicPieces) {}

  /**
   * Finds the newest snapshot that is not ahead of what was committed.
   *
   * @param into takes it; throws {@link UnreadableSnapshotException} if it cannot, and is then in
   *     its first state again
   * @return the beginning; with {@link #NOTHING} when there is no snapshot; null when the brokers
   *     refuse to say
   * @throws TimeoutException when the brokers cannot say it now, and without it what retention took
   *     away would be counted as lost. Kafka Streams tries such a task again
   */
  Beginning restore(int partition, Consumer<Snapshot> into) {
    open.add(partition);
    try {
      SnapshotCluster.EventLog log = cluster.eventLog(partition);
      if (log.committedOffset() == null) {
        return new Beginning(log, NOTHING, Ledgers.Since.BEGIN, 0);
      }
      return newest(partition, log, into);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (Exception e) {
      if (isPassing(e)) {
        open.remove(partition);
        throw new TimeoutException(e.getMessage(), e);
      }
      LOG.warn(
          "partition {}: snapshots cannot be looked for, the whole log is applied: {}",
          partition,
          e.toString());
      return null;
    }
  }

  /** The partition is another instance's now, or this one ends. */
  void left(int partition) {
    open.remove(partition);
  }

  private Beginning newest(int partition, SnapshotCluster.EventLog log, Consumer<Snapshot> into) {
    long limit = Math.min(log.committedOffset(), ceilings.getOrDefault(partition, Long.MAX_VALUE));
    List<SnapshotCluster.Stored> found = new ArrayList<>(files(partition));
    Passing missed = new Passing();
    SnapshotCluster.Stored shared = shared(partition, missed);
    int topicPieces = shared == null ? 0 : shared.header().pieces();
    if (shared != null) {
      found.add(shared);
    }
    found.sort(
        Comparator.comparingLong((SnapshotCluster.Stored s) -> s.header().nextOffset()).reversed());
    for (SnapshotCluster.Stored stored : found) {
      SnapshotHeader header = stored.header();
      if (header.partition() != partition
          || !header.topicId().equals(log.topicId())
          || header.nextOffset() > limit) {
        LOG.info("{} is of another topic, or ahead of offset {}: passed over", stored, limit);
      } else if (header.nextOffset() < log.beginOffset() && missed.failure != null) {
        break; // perhaps there is one without a gap
      } else if (isTaken(stored, into, missed)) {
        return new Beginning(
            log,
            Math.max(header.nextOffset(), log.beginOffset()),
            header.nextOffset() < log.beginOffset() ? Ledgers.Since.GAP : Ledgers.Since.SNAPSHOT,
            topicPieces);
      }
    }
    if (missed.failure != null && log.beginOffset() > 0) {
      throw new TimeoutException(missed.failure.getMessage(), missed.failure);
    }
    return new Beginning(log, NOTHING, Ledgers.Since.BEGIN, topicPieces);
  }

  /** Why a snapshot could not be read that there may be. */
  private static final class Passing {
    private Exception failure;
  }

  private static boolean isTaken(
      SnapshotCluster.Stored stored, Consumer<Snapshot> into, Passing missed) {
    long began = System.nanoTime();
    try {
      Snapshot snapshot = stored.read();
      into.accept(snapshot);
      LOG.info(
          "{}: {} bytes, read in {} ms",
          stored,
          snapshot.bytes(),
          (System.nanoTime() - began) / 1_000_000);
      return true;
    } catch (Exception e) {
      missed.failure = isPassing(e) ? e : missed.failure;
      LOG.warn("{} is passed over: {}", stored, e.getMessage());
      return false;
    }
  }

  private List<SnapshotCluster.Stored> files(int partition) {
    List<SnapshotCluster.Stored> found = new ArrayList<>();
    try {
      for (Path file : directory.files(partition)) {
        try {
          found.add(new OnDisk(directory, file, directory.readHeader(file)));
        } catch (UnreadableSnapshotException e) {
          LOG.warn("snapshot {} is passed over: {}", file, e.getMessage());
        }
      }
    } catch (IOException e) {
      LOG.warn("partition {}: the snapshots on disk cannot be read: {}", partition, e.toString());
    }
    return found;
  }

  private SnapshotCluster.Stored shared(int partition, Passing missed) {
    try {
      return cluster.newest(partition);
    } catch (Exception e) {
      missed.failure = isPassing(e) ? e : missed.failure;
      LOG.warn("partition {}: the topic's snapshot cannot be read: {}", partition, e.toString());
      return null;
    }
  }

  private static boolean isPassing(Exception e) {
    return (e instanceof ExecutionException ? e.getCause() : e) instanceof RetriableException;
  }

  /**
   * Keeps a snapshot on this instance's disk; one line if that fails. Those of partitions that have
   * long been elsewhere go.
   *
   * @return whether it is there
   */
  boolean keep(Snapshot snapshot) {
    try {
      Path file = directory.write(snapshot);
      LOG.info("snapshot {}: {} bytes", file, snapshot.bytes());
      removeOthers();
      return true;
    } catch (IOException e) {
      LOG.warn(
          "the snapshot of partition {} as of offset {} is not kept on disk: {}",
          snapshot.header().partition(),
          snapshot.header().nextOffset(),
          e.toString());
      return false;
    }
  }

  private void removeOthers() {
    try {
      directory.removeOthers(open, Instant.now().minus(KEPT));
    } catch (IOException e) {
      LOG.warn("old snapshots of other partitions cannot be removed: {}", e.toString());
    }
  }

  /** A record came that a snapshot has in it already: it must not be used again. */
  void isAhead(int partition, long offset) {
    ceilings.merge(partition, offset, Math::min);
  }

  private record OnDisk(SnapshotDirectory directory, Path file, SnapshotHeader header)
      implements SnapshotCluster.Stored {
    @Override
    public Snapshot read() throws IOException {
      return directory.read(file);
    }

    @Override
    public String toString() {
      return "snapshot " + file;
    }
  }
}
