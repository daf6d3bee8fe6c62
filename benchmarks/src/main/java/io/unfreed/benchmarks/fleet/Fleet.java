package io.unfreed.benchmarks.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * Fleets of several sizes, one after the other, as a Markdown table. Ends with 1 when totals
 * differ.
 */
public final class Fleet {
  private static List<String> given = List.of();

  private Fleet() {}

  /** Runs them. */
  public static void main(String[] args)
      throws IOException, InterruptedException, ExecutionException {
    given = List.of(args);
    FleetPlan plan = FleetPlan.of(arguments(args));
    Files.createDirectories(plan.work());
    System.out.println(machine());
    System.out.println();
    System.out.println(plan.text());
    System.out.println();
    System.out.println(Row.HEAD);
    boolean right = true;
    for (int recorders : plan.recorders()) {
      List<Row> rows = new ArrayList<>();
      for (int round = 0; round < plan.rounds(); round++) {
        try (FleetRun run = new FleetRun(plan, recorders, round)) {
          rows.add(run.run());
        }
        System.err.println("round " + round + ": " + rows.getLast().text() + " load " + load());
      }
      System.out.println(Row.median(rows).text());
      right &= rows.stream().allMatch(Row::isRight);
    }
    System.exit(right ? 0 : 1);
  }

  /** What this process was told, for those it starts. */
  static List<String> given() {
    return given;
  }

  /** {@code name=value} each. */
  static Map<String, String> arguments(String[] args) {
    Map<String, String> arguments = new LinkedHashMap<>();
    for (String argument : args) {
      int at = argument.indexOf('=');
      arguments.put(argument.substring(0, at), argument.substring(at + 1));
    }
    return arguments;
  }

  private static String machine() throws IOException {
    String model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
    return "%s %s, %d x %s, %s, JDK %s, load %s"
        .formatted(
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            Runtime.getRuntime().availableProcessors(),
            model,
            Instant.now().truncatedTo(ChronoUnit.MINUTES),
            Runtime.version(),
            load());
  }

  private static String load() throws IOException {
    String text = Files.readString(Path.of("/proc/loadavg"));
    return text.substring(0, text.indexOf(' '));
  }
}
