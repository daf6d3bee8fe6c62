package io.unfreed.benchmarks.fleet;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What is simulated.
 *
 * @param home of the launcher
 * @param work directory for everything that is written
 * @param servers brokers that were given; null for an embedded one
 * @param clientConfig client properties for them; null for none
 * @param recorders fleets of these sizes, one after the other
 * @param rounds of each, of which medians are told
 * @param seconds how long a fleet is measured
 * @param smallRate events per second of a small lane
 * @param busyPercent of the recorders have a busy lane
 * @param busyRate events per second of it
 * @param heap of each instance
 */
record FleetPlan(
    Path home,
    Path work,
    String servers,
    Path clientConfig,
    List<Integer> recorders,
    int rounds,
    int seconds,
    int tickSeconds,
    double smallRate,
    double busyPercent,
    double busyRate,
    int instances,
    String heap) {

  /** From {@code name=value} arguments, which the script fills in. */
  static FleetPlan of(Map<String, String> given) {
    String servers = given.getOrDefault("servers", "");
    String config = given.getOrDefault("client-config", "");
    return new FleetPlan(
        Path.of(given.get("home")),
        Path.of(given.get("work")),
        servers.isEmpty() ? null : servers,
        config.isEmpty() ? null : Path.of(config).toAbsolutePath(),
        Arrays.stream(given.get("recorders").split(",")).map(Integer::valueOf).toList(),
        Integer.parseInt(given.get("rounds")),
        Integer.parseInt(given.get("seconds")),
        Integer.parseInt(given.get("tick")),
        Double.parseDouble(given.get("small-rate")),
        Double.parseDouble(given.get("busy-percent")),
        Double.parseDouble(given.get("busy-rate")),
        Integer.parseInt(given.get("instances")),
        given.get("heap"));
  }

  /** Events per second of recorder number {@code i}: busy ones are spread over all. */
  double rate(int i) {
    boolean busy = (long) ((i + 1) * busyPercent / 100) > (long) (i * busyPercent / 100);
    return busy ? busyRate : smallRate;
  }

  String text() {
    return "%d s each, tick %d s, %.0f %% busy lanes of %.0f events/s, the others %.0f; %d instances with -Xmx%s; medians of %d"
        .formatted(seconds, tickSeconds, busyPercent, busyRate, smallRate, instances, heap, rounds);
  }
}
