package io.unfreed.cli.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The fuzzers for a while, one after the other, each round from the next seed: {@code SECONDS SEED
 * DIRECTORY [FUZZER]}. What fails is printed with its seed and its input is kept. Ends with 1 when
 * something failed, with 3 when a round did not end.
 */
public final class FuzzMain {
  private static final int MOST_FAILURES = 20;
  private static final long ROUND_SECONDS = 120;
  private static final int CLIENTS_EVERY = 100;

  private static volatile long roundBegan = System.nanoTime();
  private static volatile String round = "";

  private FuzzMain() {}

  /** Runs them. */
  public static void main(String[] args) throws IOException {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(args[0]));
    long seed = Long.parseLong(args[1]);
    Path directory = Files.createDirectories(Path.of(args[2]));
    Map<String, Fuzzer> fuzzers = new TreeMap<>(Fuzzer.all());
    fuzzers.keySet().removeIf(name -> args.length > 3 && !name.equals(args[3]));
    Thread.ofPlatform().daemon().start(FuzzMain::watch);
    long rounds = 0;
    int failures = 0;
    while (System.nanoTime() < endNanos && failures < MOST_FAILURES) {
      for (Map.Entry<String, Fuzzer> fuzzer : fuzzers.entrySet()) {
        if (fuzzers.size() > 1 && fuzzer.getKey().equals("clients") && seed % CLIENTS_EVERY != 0) {
          continue; // starts a broker
        }
        round = fuzzer.getKey() + ", seed " + seed;
        roundBegan = System.nanoTime();
        try {
          fuzzer.getValue().round(directory, seed);
        } catch (AssertionError | Exception e) {
          failures++;
          keep(directory, fuzzer.getKey() + "-" + seed);
          System.out.println("FAILED " + round + ": " + e);
        }
      }
      seed++;
      rounds++;
    }
    System.out.printf(
        "%s: %d rounds up to seed %d, %d failed%n", fuzzers.keySet(), rounds, seed - 1, failures);
    System.exit(failures == 0 ? 0 : 1);
  }

  /** The files of the round, under another name. */
  private static void keep(Path directory, String name) throws IOException {
    Path kept = Files.createDirectories(directory.resolve("failed-" + name));
    try (var files = Files.newDirectoryStream(directory, Files::isRegularFile)) {
      for (Path file : files) {
        Files.copy(
            file,
            kept.resolve(file.getFileName()),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void watch() {
    while (System.nanoTime() - roundBegan < TimeUnit.SECONDS.toNanos(ROUND_SECONDS)) {
      java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
    System.err.println("DID NOT END " + round);
    Thread.getAllStackTraces()
        .forEach((thread, trace) -> {
          System.err.println(thread);
          for (StackTraceElement frame : trace) {
            System.err.println("    " + frame);
          }
        });
    Runtime.getRuntime().halt(3);
  }
}
