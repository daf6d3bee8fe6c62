package io.unfreed.broker;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * One node that is broker and controller, wired as {@link KafkaRaftServer} does it.
 *
 * <p>{@code KafkaRaftServer} itself opens its own sockets and ends the process on a fault; here the
 * sockets are {@link LoopbackSockets} and faults go to {@link NodeFaults}.
 */
final class KafkaNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaNode.class);

  /** As long as the session of a broker. */
  private static final Duration ELECTION_PATIENCE = Duration.ofSeconds(30);

  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(5);

  private final ControllerServer controller;
  private final BrokerServer broker;

  /** Wires the node; {@link #start} starts it. The directory is formatted already. */
  KafkaNode(NodeSettings settings, LoopbackSockets sockets, NodeFaults faults) {
    KafkaConfig config = new KafkaConfig(settings.toProperties(), false);
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> stored =
        KafkaRaftServer.initializeLogDirs(config, LOG, "");
    MetaPropertiesEnsemble directories = stored._1();
    Metrics metrics =
        Server.initializeMetrics(config, Time.SYSTEM, directories.clusterId().orElseThrow());
    InetSocketAddress controllerAddress =
        new InetSocketAddress(NodeSettings.HOST, settings.controllerPort());
    SharedServer shared =
        new SharedServer(
            config,
            directories,
            Time.SYSTEM,
            metrics,
            CompletableFuture.completedFuture(Map.of(NodeSettings.NODE_ID, controllerAddress)),
            List.of(),
            faults,
            sockets);
    broker = new BrokerServer(shared);
    controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), stored._2());
  }

  /** Returns when clients can produce and consume; the controller comes first. */
  void start() {
    controller.startup();
    EarlierRun.forget(this::unregister, ELECTION_PATIENCE);
    broker.startup();
  }

  private CompletableFuture<Void> unregister() {
    ControllerRequestContext asked =
        new ControllerRequestContext(
            new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.empty());
    return controller.controller().unregisterBroker(asked, NodeSettings.NODE_ID);
  }

  @Override
  public void close() {
    broker.shutdown(SHUTDOWN_TIMEOUT);
    controller.shutdown();
  }
}
