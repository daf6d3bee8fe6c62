package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates the topics that are missing, each with its cleanup policy; leaves existing ones alone.
 */
public final class TopicSetup {
  /** How long brokers may take to hear of a topic that the controller has created. */
  private static final Duration NEW_TOPIC_LIMIT = Duration.ofSeconds(30);

  private static final int SNAPSHOT_SEGMENT_BYTES = 64 << 20;

  /** The largest request that producers here send: brokers may be set to less than a batch. */
  static final int LARGEST_RECORD_BYTES = 4 << 20;

  private static final long RETRY_MILLIS = 50;

  /** Partitions of topics that are created when nobody says how many. */
  public static final int DEFAULT_PARTITIONS = 8;

  private TopicSetup() {}

  /**
   * Partitions of the topics that are there, by topic.
   *
   * @throws ExecutionException with the broker's error
   */
  public static Map<Topics, Integer> partitions(Admin admin)
      throws ExecutionException, InterruptedException {
    Set<String> existing = admin.listTopics().names().get();
    List<Topics> found =
        Topics.all().stream().filter(topic -> existing.contains(topic.topicName())).toList();
    Map<String, TopicDescription> described =
        admin.describeTopics(found.stream().map(Topics::topicName).toList()).allTopicNames().get();
    Map<Topics, Integer> partitions = new EnumMap<>(Topics.class);
    found.forEach(
        topic -> partitions.put(topic, described.get(topic.topicName()).partitions().size()));
    return partitions;
  }

  /**
   * Creates what is missing; and lets what the service keeps its state in grow with the others.
   *
   * @param partitions partitions of each new topic, but of the statements where there is a state
   *     that is divided by them: as many as it has
   * @return the topics that were missing
   * @throws ExecutionException with the broker's error
   */
  public static Set<Topics> ensure(Admin admin, int partitions)
      throws ExecutionException, InterruptedException {
    Set<Topics> created = create(admin, partitions);
    StateTopics.grow(admin);
    return created;
  }

  private static Set<Topics> create(Admin admin, int partitions)
      throws ExecutionException, InterruptedException {
    Set<String> existing = admin.listTopics().names().get();
    Set<Topics> created = EnumSet.noneOf(Topics.class);
    List<NewTopic> missing = new ArrayList<>();
    for (Topics topic : Topics.all()) {
      if (!existing.contains(topic.topicName())) {
        created.add(topic);
        int count =
            topic == Topics.STATEMENTS
                ? StateTopics.partitions(admin, Nodes.REPORT_STORE).orElse(partitions)
                : partitions(topic, partitions);
        missing.add(
            new NewTopic(topic.topicName(), Optional.of(count), Optional.empty())
                .configs(config(topic)));
      }
    }
    if (missing.isEmpty()) {
      return created;
    }
    try {
      admin.createTopics(missing).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
    awaitLeaders(admin, missing);
    return created;
  }

  /** Compaction leaves the newest segment alone: small ones keep old snapshots few. */
  private static Map<String, String> config(Topics topic) {
    Map<String, String> config = new HashMap<>();
    config.put(TopicConfig.CLEANUP_POLICY_CONFIG, topic.cleanup().policy());
    config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(LARGEST_RECORD_BYTES));
    if (topic == Topics.SNAPSHOTS) {
      config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(SNAPSHOT_SEGMENT_BYTES));
      config.put(TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.2");
    }
    return config;
  }

  /** Of so many a topic is made: of schemas there are few. */
  public static int partitions(Topics topic, int partitions) {
    return topic == Topics.SCHEMAS ? 1 : partitions;
  }

  /**
   * Asks every leader for its end offset. The admin client asks a leader again that is not ready
   * yet, but not a broker that has not heard of the topic.
   */
  private static void awaitLeaders(Admin admin, List<NewTopic> topics)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (NewTopic topic : topics) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    Instant until = Instant.now().plus(NEW_TOPIC_LIMIT);
    while (true) {
      try {
        admin.listOffsets(ends).all().get();
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || Instant.now().isAfter(until)) {
          throw e;
        }
        Thread.sleep(RETRY_MILLIS);
      }
    }
  }
}
