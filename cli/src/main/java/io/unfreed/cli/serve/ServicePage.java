package io.unfreed.cli.serve;

import io.unfreed.cli.option.HttpOptions;
import io.unfreed.query.NewestReports;
import io.unfreed.query.ServiceState;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.api.HttpPeers;
import io.unfreed.server.api.ServiceApi;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.Tls;
import io.unfreed.server.http.WebServer;
import io.unfreed.server.metrics.Metrics;
import io.unfreed.streams.topology.TaskShares;
import java.io.ByteArrayInputStream;
import java.util.HashMap;
import java.util.Map;

/** The page, the API and the metrics of a service. */
public record ServicePage(
    NewestReports reports, BrokerArchive archive, HttpPeers peers, WebServer server)
    implements AutoCloseable {

  /** Begins to serve, as soon as the instance has started. */
  public static ServicePage open(
      Map<String, Object> client, HttpOptions http, ServiceInstance instance) {
    AccessRule access = http.access();
    Tls tls = http.tls();
    HttpPeers peers = new HttpPeers(access, tls, http.limits().mostBytes());
    NewestReports reports = new NewestReports(client);
    BrokerArchive archive =
        new BrokerArchive(client, new ServiceState(client, instance, told(peers)), http.limits());
    try {
      Readings readings = new Readings(archive);
      Metrics metrics = new Metrics(reports::processes, () -> numbers(instance, readings));
      WebServer server =
          WebServer.start(http.address(), access, tls, new ServiceApi(readings, metrics, instance));
      return new ServicePage(reports, archive, peers, server);
    } catch (RuntimeException e) {
      archive.close();
      reports.close();
      peers.close();
      throw e;
    }
  }

  private static ServiceState.Peers told(HttpPeers peers) {
    return (address, session) ->
        TaskShares.read(new ByteArrayInputStream(peers.shares(address, session)));
  }

  private static Map<String, Double> numbers(ServiceInstance instance, Readings readings) {
    Map<String, Double> numbers = new HashMap<>(instance.numbers());
    numbers.putAll(readings.numbers());
    return numbers;
  }

  @Override
  public void close() {
    server.close();
    peers.close();
    archive.close();
    reports.close();
  }
}
