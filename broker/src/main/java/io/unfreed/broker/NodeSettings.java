package io.unfreed.broker;

import static java.util.Locale.ROOT;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a node is told, beyond Kafka's defaults: one process, two cores, one copy of everything.
 *
 * @param logDirectory the formatted directory of the node
 * @param brokerPort the port clients connect to, already bound by {@link LoopbackSockets}
 * @param controllerPort the port of the controller, already bound
 * @param secret what clients of either must know
 */
record NodeSettings(Path logDirectory, int brokerPort, int controllerPort, BrokerSecret secret) {
  static final int NODE_ID = 1;
  static final String HOST = "127.0.0.1";
  static final String BROKER_LISTENER = "BROKER";
  static final String CONTROLLER_LISTENER = "CONTROLLER";

  private static final String NEVER_MILLIS = Long.toString(Long.MAX_VALUE);

  String bootstrapServers() {
    return HOST + ":" + brokerPort;
  }

  /** The properties of the node, as {@code server.properties} would have them. */
  Map<String, String> toProperties() {
    Map<String, String> settings = new LinkedHashMap<>();
    identity(settings);
    credentials(settings);
    internalTopics(settings);
    groups(settings);
    logs(settings);
    footprint(settings);
    timing(settings);
    return settings;
  }

  private void identity(Map<String, String> settings) {
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(NODE_ID));
    settings.put("log.dirs", logDirectory.toString());
    settings.put(
        "listeners",
        "%s://%s:%d,%s://%s:%d"
            .formatted(
                BROKER_LISTENER, HOST, brokerPort, CONTROLLER_LISTENER, HOST, controllerPort));
    settings.put("advertised.listeners", "%s://%s".formatted(BROKER_LISTENER, bootstrapServers()));
    settings.put("inter.broker.listener.name", BROKER_LISTENER);
    settings.put("controller.listener.names", CONTROLLER_LISTENER);
    settings.put(
        "listener.security.protocol.map",
        "%s:SASL_PLAINTEXT,%s:SASL_PLAINTEXT".formatted(BROKER_LISTENER, CONTROLLER_LISTENER));
    settings.put("controller.quorum.voters", "%d@%s:%d".formatted(NODE_ID, HOST, controllerPort));
  }

  /**
   * Other users of the host may connect, and the events of a session of root tell addresses of the
   * kernel. There is no authorizer: who knows the secret may do everything.
   */
  private void credentials(Map<String, String> settings) {
    String mechanism = BrokerSecret.MECHANISM.mechanismName();
    settings.put("sasl.enabled.mechanisms", mechanism);
    settings.put("sasl.mechanism.inter.broker.protocol", mechanism);
    settings.put("sasl.mechanism.controller.protocol", mechanism);
    String jaas = secret.toServerJaas();
    for (String listener : new String[] {BROKER_LISTENER, CONTROLLER_LISTENER}) {
      String prefix = "listener.name.%s.%s.".formatted(listener, mechanism).toLowerCase(ROOT);
      settings.put(prefix + "sasl.jaas.config", jaas);
      settings.put(prefix + "sasl.server.callback.handler.class", OneUserHandler.class.getName());
    }
  }

  /** One partition each: every further partition costs files and milliseconds at first use. */
  private static void internalTopics(Map<String, String> settings) {
    settings.put("auto.create.topics.enable", "false");
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("num.partitions", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
  }

  /**
   * All group protocols are on by default and by the features of the release. Short sessions: a
   * killed member of the group gives its tasks back within 6 s. No waiting for further members: the
   * second instance of a test simply rebalances.
   */
  private static void groups(Map<String, String> settings) {
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.min.session.timeout.ms", "1000");
    settings.put("group.streams.initial.rebalance.delay.ms", "0");
    for (String protocol : new String[] {"streams", "consumer"}) {
      String prefix = "group." + protocol + ".";
      settings.put(prefix + "session.timeout.ms", "6000");
      settings.put(prefix + "min.session.timeout.ms", "3000");
      settings.put(prefix + "heartbeat.interval.ms", "500"); // each step of a rebalance awaits one
      settings.put(prefix + "min.heartbeat.interval.ms", "500");
      settings.put(prefix + "assignment.interval.ms", "0");
    }
    // A killed producer's transaction blocks readers until it is aborted: look every second.
    settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    // A kept directory may rest for months; its positions must not expire meanwhile.
    settings.put("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));
    settings.put("transactional.id.expiration.ms", Integer.toString(Integer.MAX_VALUE));
  }

  private static void logs(Map<String, String> settings) {
    settings.put("log.retention.ms", "-1");
    settings.put("log.retention.bytes", "-1");
    settings.put("log.segment.bytes", Integer.toString(128 << 20));
    settings.put("log.index.size.max.bytes", Integer.toString(1 << 20));
    // Record time stamps are event times of old captures, or of hosts whose clock is ahead.
    settings.put("log.roll.ms", NEVER_MILLIS);
    settings.put("log.message.timestamp.after.max.ms", NEVER_MILLIS);
    settings.put("log.segment.delete.delay.ms", "1000");
    settings.put("message.max.bytes", Integer.toString(8 << 20));
    settings.put("metadata.log.segment.bytes", Integer.toString(8 << 20));
  }

  private static void footprint(Map<String, String> settings) {
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "2");
    settings.put("background.threads", "2");
    settings.put("num.recovery.threads.per.data.dir", "2");
    settings.put("num.replica.alter.log.dirs.threads", "1");
    settings.put("group.coordinator.threads", "1");
    settings.put("group.coordinator.background.threads", "1");
    settings.put("share.coordinator.threads", "1");
    settings.put("log.cleaner.threads", "1");
    settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
    settings.put("socket.send.buffer.bytes", "-1");
    settings.put("socket.receive.buffer.bytes", "-1");
    settings.put("metric.reporters", "");
  }

  private static void timing(Map<String, String> settings) {
    // With one broker nobody takes its partitions over, and reopening does not need it either.
    settings.put("controlled.shutdown.enable", "false");
    settings.put("server.max.startup.time.ms", "60000");
    // Metadata records are written at once; a lone voter has nothing to batch for, and no follower
    // needs records that only show that time passes.
    settings.put("controller.quorum.append.linger.ms", "0");
    settings.put("metadata.max.idle.interval.ms", "0");
    // A process that was stopped for a while (a laptop asleep, a debugger) keeps its broker.
    settings.put("broker.session.timeout.ms", "30000");
  }
}
