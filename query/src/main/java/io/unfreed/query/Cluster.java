package io.unfreed.query;

import io.unfreed.collector.capture.RecordingException;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.topology.ServiceSettings;
import io.unfreed.streams.topology.TopicSchemas;
import io.unfreed.streams.topology.TopicSetup;
import java.nio.file.FileSystemException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TimeoutException;

/** What commands ask of the cluster itself. Every failure is one line that names the brokers. */
public final class Cluster implements AutoCloseable {
  private static final int REQUEST_MILLIS = 10_000;
  private static final int API_MILLIS = 15_000;

  private final Admin admin;
  private final Map<String, Object> client;
  private final String servers;

  /** Connects; fails when no broker answers. */
  public Cluster(Map<String, Object> client) {
    this.client = client;
    servers = client.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG).toString();
    Map<String, Object> config = new HashMap<>(client);
    config.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    config.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, API_MILLIS);
    try {
      admin = Admin.create(config);
    } catch (KafkaException e) {
      throw failed("connect", e);
    }
  }

  /** Its id, which stays when brokers move. */
  public String id() {
    return run("read the cluster's id", () -> admin.describeCluster().clusterId().get());
  }

  /**
   * Creates the topics that are missing.
   *
   * @return those
   */
  public Set<Topics> ensureTopics(int partitions) {
    return run("create the topics", () -> TopicSetup.ensure(admin, partitions));
  }

  /** Partitions of the topics that are there, by topic. */
  public Map<Topics, Integer> topics() {
    return run("look at the topics", () -> TopicSetup.partitions(admin));
  }

  /**
   * Partitions of the events, for who records there: a recorder creates no topics, since it does
   * not know with how many partitions.
   */
  public int eventPartitions() {
    return eventPartitions(Topics.EVENTS);
  }

  /** The same for who publishes to another topic than that of the events. */
  public int eventPartitions(Topics recorded) {
    Map<Topics, Integer> there = topics();
    for (Topics topic : List.of(Topics.SESSIONS, Topics.STACKS, Topics.EVENTS, recorded)) {
      if (!there.containsKey(topic)) {
        throw new FailedException(
            "Kafka at %s: there is no topic %s: start unfreed streams there, or run unfreed topics create"
                .formatted(servers, topic.topicName()));
      }
    }
    return there.get(Topics.EVENTS);
  }

  /**
   * Publishes the schemas of what this version writes, for readers of an earlier one.
   *
   * @return why that could not be, in a line; null when it is done
   */
  public String publishSchemas() {
    try {
      TopicSchemas.publish(client);
      return null;
    } catch (KafkaException e) {
      return "the schemas of this version could not be published to %s: %s; earlier versions may skip what it writes"
          .formatted(Topics.SCHEMAS.topicName(), reason(e));
    }
  }

  /** Whether the brokers have the streams group protocol (from 4.2). */
  public boolean hasStreamsProtocol() {
    Map<String, FinalizedVersionRange> features =
        run(
            "read the cluster's features",
            () -> admin.describeFeatures().featureMetadata().get().finalizedFeatures());
    FinalizedVersionRange streams = features.get("streams.version");
    return streams != null && streams.maxVersionLevel() >= 1;
  }

  /** Whether an instance of the service is running anywhere. */
  public boolean hasService() {
    return (hasStreamsProtocol() && hasStreamsMembers()) || hasClassicMembers();
  }

  /**
   * Whether who joins the service's group now speaks the streams protocol: the brokers know it, and
   * no member speaks the classic one. A group has one protocol at a time; an empty one takes that
   * of its first member.
   */
  public boolean joinsByStreamsProtocol() {
    return hasStreamsProtocol() && !hasClassicMembers();
  }

  private boolean hasStreamsMembers() {
    return hasMembers(group ->
        !admin.describeStreamsGroups(group).all().get().values().stream()
            .allMatch(described -> described.members().isEmpty()));
  }

  private boolean hasClassicMembers() {
    return hasMembers(group ->
        !admin.describeClassicGroups(group).all().get().values().stream()
            .allMatch(described -> described.members().isEmpty()));
  }

  /** Brokers say of a group with another protocol that there is no such group. */
  private boolean hasMembers(Members members) {
    try {
      return run("look for the service", () -> members.present(List.of(ServiceSettings.GROUP)));
    } catch (FailedException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    admin.close();
  }

  private interface Members {
    boolean present(List<String> group) throws ExecutionException, InterruptedException;
  }

  private interface Question<T> {
    T ask() throws ExecutionException, InterruptedException;
  }

  private <T> T run(String what, Question<T> question) {
    try {
      return question.ask();
    } catch (ExecutionException e) {
      throw failed(what, e.getCause());
    } catch (KafkaException e) {
      throw failed(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FailedException("interrupted while talking to " + servers, e);
    }
  }

  private FailedException failed(String what, Throwable e) {
    return new FailedException("Kafka at " + servers + ": cannot " + what + ": " + reason(e), e);
  }

  /** What a Kafka client's exception says, in a line. */
  static String reason(Throwable e) {
    Throwable deepest = e;
    while (!(deepest instanceof ApiException) && deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    if (deepest instanceof FileSystemException file) {
      return file.getFile() + ": " + RecordingException.reason(file);
    }
    if (deepest instanceof TimeoutException) {
      return "no answer in time";
    }
    String message = deepest.getMessage();
    return message == null ? deepest.getClass().getSimpleName() : message;
  }
}
