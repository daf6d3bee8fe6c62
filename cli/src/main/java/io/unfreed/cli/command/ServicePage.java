package io.unfreed.cli.command;

import io.unfreed.query.NewestReports;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.api.ServiceApi;
import io.unfreed.server.http.WebServer;
import io.unfreed.server.metrics.Metrics;
import java.util.Map;
import java.util.function.Supplier;

/** The page, the API and the metrics of a service. */
record ServicePage(NewestReports reports, BrokerArchive archive, WebServer server)
    implements AutoCloseable {

  /**
   * Begins to serve.
   *
   * @param numbers of the instance itself
   */
  static ServicePage open(
      Map<String, Object> client, HttpOptions http, Supplier<Map<String, Double>> numbers) {
    NewestReports reports = new NewestReports(client);
    BrokerArchive archive = new BrokerArchive(client);
    try {
      Metrics metrics = new Metrics(reports::processes, numbers);
      WebServer server =
          WebServer.start(
              http.address(), http.access(), new ServiceApi(new Readings(archive), metrics));
      return new ServicePage(reports, archive, server);
    } catch (RuntimeException e) {
      archive.close();
      reports.close();
      throw e;
    }
  }

  @Override
  public void close() {
    server.close();
    archive.close();
    reports.close();
  }
}
