package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The changelogs of the service's stores. Kafka Streams makes them with a partition for each task,
 * and there is a task for each partition of the largest topic that a part of the topology reads;
 * later it refuses to run with any other number. So they grow with the recorded topics.
 */
final class StateTopics {
  /** Topics with a say in the number of tasks; only the first of each may grow. */
  private static final Map<String, List<Topics>> READ_BY_STORE =
      Map.of(
          Nodes.REPORT_STORE, List.of(Topics.EVENTS, Topics.STATEMENTS),
          Nodes.WINDOW_STORE, List.of(Topics.HISTOGRAMS));

  private StateTopics() {}

  /**
   * Gives them as many partitions as the recorded topics have now. What a topic is short of that is
   * not recorded stays: its keys would move away from their states.
   *
   * @return whether all that are there have a partition for each task
   * @throws ExecutionException with the broker's error
   */
  static boolean grow(Admin admin) throws ExecutionException, InterruptedException {
    Map<Topics, Integer> read = TopicSetup.partitions(admin);
    Map<String, NewPartitions> tooFew = new HashMap<>();
    boolean fits = true;
    for (Map.Entry<String, List<Topics>> store : READ_BY_STORE.entrySet()) {
      OptionalInt has = partitions(admin, store.getKey());
      if (has.isEmpty()) {
        continue;
      }
      int recorded = read.getOrDefault(store.getValue().getFirst(), 0);
      if (has.getAsInt() < recorded) {
        tooFew.put(changelog(store.getKey()), NewPartitions.increaseTo(recorded));
      }
      int tasks = store.getValue().stream().mapToInt(t -> read.getOrDefault(t, 0)).max().orElse(0);
      fits &= Math.max(has.getAsInt(), recorded) == tasks;
    }
    try {
      admin.createPartitions(tooFew).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof InvalidPartitionsException)) { // another instance was faster
        throw e;
      }
    }
    return fits;
  }

  /**
   * Partitions of a store's changelog; empty where no service has made it yet, or where who asks
   * has no business with it.
   */
  static OptionalInt partitions(Admin admin, String store)
      throws ExecutionException, InterruptedException {
    String name = changelog(store);
    try {
      return OptionalInt.of(
          admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().size());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException
          || e.getCause() instanceof TopicAuthorizationException) {
        return OptionalInt.empty();
      }
      throw e;
    }
  }

  private static String changelog(String store) {
    return ServiceSettings.GROUP + "-" + store + "-changelog";
  }
}
