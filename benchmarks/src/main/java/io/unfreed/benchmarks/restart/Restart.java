package io.unfreed.benchmarks.restart;

import io.unfreed.benchmarks.process.ServiceBed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Prints how soon a killed service is back. Ends with 1 when its reports are not the same. */
public final class Restart {
  private static final long LONGEST_LIFE_MILLIS = 12_000;

  private final Map<String, String> given;
  private final Random random;

  private Restart(Map<String, String> given) {
    this.given = given;
    random = new Random(number("seed"));
  }

  /** Runs it: {@code name=value} arguments, which the script fills in. */
  public static void main(String[] args) throws Exception {
    Map<String, String> given = new LinkedHashMap<>();
    for (String argument : args) {
      int at = argument.indexOf('=');
      given.put(argument.substring(0, at), argument.substring(at + 1));
    }
    Files.createDirectories(Path.of(given.get("work")));
    boolean isRight = new Restart(given).run();
    System.exit(isRight ? 0 : 1);
  }

  private boolean run() throws Exception {
    System.out.printf(
        Locale.ROOT,
        "%d events, %d live blocks, %d processes, -Xmx%s; %d processors, load %s%n",
        number("events"),
        number("live"),
        number("lanes"),
        given.get("heap"),
        Runtime.getRuntime().availableProcessors(),
        Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    boolean isRight = kills();
    restarts();
    return isRight;
  }

  /** Whether a service that is killed again and again publishes what one publishes that lives. */
  private boolean kills() throws Exception {
    long events = number("events") / 20;
    Map<String, Integer> expected;
    try (ServiceBed bed = bed("undisturbed");
        Churn churn = churn(bed)) {
      churn.publish(events);
      expected = churn.finals();
    }
    int kills = (int) number("kills");
    try (ServiceBed bed = bed("killed");
        Churn churn = churn(bed)) {
      for (int kill = 0; kill < kills; kill++) {
        bed.start(kill % 3 == 2 ? "empty-" + kill : "disk");
        churn.publish(events * (kill + 1) / (kills + 1));
        TimeUnit.MILLISECONDS.sleep(random.nextLong(LONGEST_LIFE_MILLIS));
        bed.kill();
      }
      bed.start("disk");
      churn.publish(events);
      boolean isSame = churn.finals().equals(expected);
      System.out.printf(
          "%d kills while %d events were published: the reports are %s%n",
          kills, events, isSame ? "the same" : "NOT the same");
      return isSame;
    }
  }

  private void restarts() throws Exception {
    try (ServiceBed bed = bed("restart");
        Churn churn = churn(bed)) {
      long beganNanos = System.nanoTime();
      churn.publish(number("events"));
      long answeredNanos = churn.ask("published");
      System.out.printf(
          Locale.ROOT,
          "published and answered in %.1f s, %.1f million events/s%n",
          (answeredNanos - beganNanos) / 1e9,
          number("events") * 1e3 / (answeredNanos - beganNanos));
      time(bed, churn, "disk", "on the same disk");
      time(bed, churn, "disk", "on the same disk again");
      time(bed, churn, "empty", "on an empty disk");
    }
  }

  private static void time(ServiceBed bed, Churn churn, String disk, String what) throws Exception {
    bed.kill();
    long beganNanos = System.nanoTime();
    bed.start(disk);
    long servingNanos = System.nanoTime();
    long answeredNanos = churn.ask(what);
    System.out.printf(
        Locale.ROOT,
        "back %s: serving after %.1f s, every process answered after %.1f s; peak %.0f MB, %d bytes of snapshots there%n",
        what,
        (servingNanos - beganNanos) / 1e9,
        (answeredNanos - beganNanos) / 1e9,
        bed.service().peakMegabytes(),
        bed.snapshotBytes(disk));
  }

  private ServiceBed bed(String name) throws Exception {
    Path directory = Path.of(given.get("work"), name);
    List<String> options = List.of("--snapshot-every", given.get("snapshot-every"));
    return new ServiceBed(Path.of(given.get("home")), directory, given.get("heap"), options);
  }

  private Churn churn(ServiceBed bed) throws Exception {
    return new Churn(bed.client(), (int) number("lanes"), (int) number("live"));
  }

  private long number(String name) {
    return Long.parseLong(given.get(name));
  }
}
