package io.unfreed.benchmarks.fleet;

import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** How to reach the brokers of a plan. */
final class Brokers {
  private Brokers() {}

  /** Where the embedded one keeps its data. */
  static Path data(FleetPlan plan) {
    return plan.work().resolve("data");
  }

  /** Client properties; the embedded broker is running. */
  static Map<String, Object> client(FleetPlan plan) throws IOException {
    if (plan.servers() == null) {
      try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(data(plan))) {
        return new HashMap<>(broker.client());
      }
    }
    Map<String, Object> client = new HashMap<>();
    if (plan.clientConfig() != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(plan.clientConfig())) {
        properties.load(reader);
      }
      properties.forEach((name, value) -> client.put(name.toString(), value));
    }
    client.put("bootstrap.servers", plan.servers());
    return client;
  }

  /** Options of the command line that lead to them. */
  static List<String> options(FleetPlan plan) {
    if (plan.servers() == null) {
      return List.of("--data-dir", data(plan).toString());
    }
    return plan.clientConfig() == null
        ? List.of("--bootstrap-servers", plan.servers())
        : List.of(
            "--bootstrap-servers",
            plan.servers(),
            "--command-config",
            plan.clientConfig().toString());
  }
}
