package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.TraceRules;
import io.unfreed.streams.lane.FreedBy;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.topology.SharedState;
import io.unfreed.streams.topology.TaskShare;
import io.unfreed.streams.topology.TopicSchemas;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the instances of a service know of a session together, without a look at its events. There
 * is an answer only when every task was asked where it runs and had applied what was recorded
 * before the question; in any other case there is none, and the events have to be read. So moving
 * partitions, a killed instance, or one that does not know yet that it lost its partitions cost an
 * answer, never a number. Thread-safe.
 */
public final class ServiceState implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceState.class);

  /** A gap of so many offsets may hold nothing but the marks of transactions. */
  private static final int MOST_MARKS = 100;

  /** The instance of this process. */
  public interface Instance {
    /** How far its own tasks have come, by partition of the events. */
    Map<Integer, Long> reached();

    /** What its own tasks know. */
    List<TaskShare> shares(String session);

    /** Addresses of all others that run. */
    Set<String> others();
  }

  /** Asks other instances. */
  public interface Peers {
    /** What the tasks of the instance at an address know. */
    List<TaskShare> shares(String address, String session) throws IOException;
  }

  /**
   * A session as of now.
   *
   * @param state its numbers
   * @param stacks frames of all stacks in them
   */
  public record Answer(Session session, SharedState state, StackBook stacks) {}

  private final Map<String, Object> client;
  private final Instance own;
  private final Peers peers;
  private final EventEnds ends;
  private final SessionFrames frames;

  /** Of the service of which this process runs an instance. */
  public ServiceState(Map<String, Object> client, Instance own, Peers peers) {
    this.client = Map.copyOf(client);
    this.own = own;
    this.peers = peers;
    ends = new EventEnds(client);
    frames = new SessionFrames(this.client);
  }

  /**
   * What is known of a session.
   *
   * @param idPrefix the session's id or its beginning; null for the newest session
   * @param holds is told how much memory the answer needs so far, roughly; what it throws ends it
   * @return null when it has to be read from the events
   * @throws UsageException when there is no such session
   */
  public Answer answer(String idPrefix, LongConsumer holds) {
    KnownSessions known = SessionCatalogue.readAll(client);
    Session session = BrokerRecording.choose(known.oldestFirst(), idPrefix);
    String id = session.getSessionId();
    boolean isTrace = TraceRules.tracer(session).isPresent();
    SharedState state =
        isTrace ? null : state(session, holds); // a trace has neither lanes nor blocks
    if (state == null) {
      return null;
    }
    return new Answer(
        session, state, frames.of(id, known.extents(id), known.sinceMillis(id), wanted(state)));
  }

  @Override
  public void close() {
    ends.close();
  }

  private SharedState state(Session session, LongConsumer holds) {
    Map<Integer, Long> before = events(ends.asked());
    Patience patience = new Patience(System.nanoTime());
    Duration pause;
    try {
      do {
        long left = left(own.reached(), before);
        SharedState state = left > 0 ? null : asked(session, before, holds);
        if (state != null) {
          // Which calls are missing at the end of a lane that has none, the events tell.
          return state.marks() == null || (state.isOpen() && session.getEnd() != null)
              ? null
              : state;
        }
        pause = patience.pause(System.nanoTime(), left);
        Thread.sleep(pause);
      } while (pause.isPositive());
    } catch (IOException | IllegalStateException e) { // or this one is ending
      LOG.debug("an instance did not answer, the events are read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** Null when the tasks cannot be asked together now. */
  private SharedState asked(Session session, Map<Integer, Long> before, LongConsumer holds)
      throws IOException {
    String id = session.getSessionId();
    Map<Integer, TaskShare> shares = new TreeMap<>();
    own.shares(id).forEach(share -> shares.put(share.partition(), share));
    holds.accept(heldBytes(shares.values()));
    if (!shares.keySet().containsAll(before.keySet())) {
      for (String address : own.others()) {
        peers
            .shares(address, id)
            .forEach(share -> shares.merge(share.partition(), share, ServiceState::furthest));
        holds.accept(heldBytes(shares.values()));
      }
    }
    if (!shares.keySet().containsAll(before.keySet()) || !haveApplied(shares, before)) {
      LOG.debug("only {} were applied, of {}", shares.keySet(), before);
      return null;
    }
    return SharedState.of(shares.values(), new TopicSchemas(client));
  }

  /** Records that tasks of this instance have not applied, beyond what may be marks. */
  private static long left(Map<Integer, Long> reached, Map<Integer, Long> ends) {
    long left = 0;
    for (Map.Entry<Integer, Long> one : reached.entrySet()) {
      left += Math.max(0, ends.getOrDefault(one.getKey(), 0L) - one.getValue() - MOST_MARKS);
    }
    return left;
  }

  private static long heldBytes(Collection<TaskShare> shares) {
    return shares.stream().mapToLong(TaskShare::heldBytes).sum();
  }

  /** Who lost a partition and does not know it yet has stopped where the other one began. */
  private static TaskShare furthest(TaskShare one, TaskShare other) {
    return other.nextOffset() > one.nextOffset() ? other : one;
  }

  private boolean haveApplied(Map<Integer, TaskShare> shares, Map<Integer, Long> before) {
    Map<Integer, TopicReader.Range> gaps = new TreeMap<>();
    for (Map.Entry<Integer, Long> one : before.entrySet()) {
      TopicReader.Range gap =
          new TopicReader.Range(shares.get(one.getKey()).nextOffset(), one.getValue());
      if (gap.before() - gap.from() > MOST_MARKS) {
        return false;
      }
      if (!gap.isEmpty()) {
        gaps.put(one.getKey(), gap);
      }
    }
    return gaps.isEmpty() || areEmpty(gaps);
  }

  /** Transactions leave marks in a log that no reader sees. */
  private boolean areEmpty(Map<Integer, TopicReader.Range> gaps) {
    boolean[] isRecord = new boolean[1];
    try (TopicReader reader = new TopicReader(client, Topics.EVENTS)) {
      reader.read(gaps, record -> isRecord[0] = true);
    }
    return !isRecord[0];
  }

  private static Map<Integer, Long> events(Map<TopicPartition, Long> ends) {
    Map<Integer, Long> events = new TreeMap<>();
    ends.forEach((partition, end) -> {
      if (partition.topic().equals(Topics.EVENTS.topicName())) {
        events.put(partition.partition(), end);
      }
    });
    return events;
  }

  private static Set<StackId> wanted(SharedState state) {
    Set<StackId> wanted = new HashSet<>();
    state
        .stacks()
        .values()
        .forEach(stacks -> {
          for (StackNumbers stack : stacks) {
            wanted.add(stack.key().stackId());
            if (stack.freedBy() != null) {
              stack.freedBy().stacks().stream().map(FreedBy.Releaser::stackId).forEach(wanted::add);
            }
          }
        });
    wanted.remove(StackId.UNKNOWN);
    return wanted;
  }
}
