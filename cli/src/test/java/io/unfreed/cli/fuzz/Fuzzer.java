package io.unfreed.cli.fuzz;

import io.unfreed.streams.topology.TopologyFuzzer;
import java.nio.file.Path;
import java.util.Map;

/**
 * One round from one seed: makes an input, runs commands over it, throws when something is wrong.
 */
interface Fuzzer {
  /**
   * Runs a round.
   *
   * @param directory where its files may be; the next round overwrites them
   */
  void round(Path directory, long seed) throws Exception;

  /** By name. */
  static Map<String, Fuzzer> all() {
    return Map.of(
        "captures",
        new CaptureFuzzer(),
        "traces",
        new TraceFuzzer(),
        "model",
        new ModelFuzzer(),
        "clients",
        new ClientFuzzer(),
        "topology",
        (directory, seed) -> TopologyFuzzer.round(seed));
  }
}
