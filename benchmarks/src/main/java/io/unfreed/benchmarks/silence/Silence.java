package io.unfreed.benchmarks.silence;

import io.unfreed.benchmarks.process.ServiceBed;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.query.TopicReader;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Prints what a service costs that knows many processes in which nothing happens. */
public final class Silence {
  private static final int STACKS = 20;
  private static final int TURNS_PER_TICK = 50;

  private Silence() {}

  /** Runs it: {@code name=value} arguments, which the script fills in. */
  public static void main(String[] args) throws Exception {
    Map<String, String> given = new LinkedHashMap<>();
    for (String argument : args) {
      int at = argument.indexOf('=');
      given.put(argument.substring(0, at), argument.substring(at + 1));
    }
    int processes = Integer.parseInt(given.get("processes"));
    int seconds = Integer.parseInt(given.get("seconds"));
    int tickSeconds = Integer.parseInt(given.get("tick"));
    Path directory = Path.of(given.get("work"), "bed");
    Path home = Path.of(given.get("home"));
    try (ServiceBed bed = new ServiceBed(home, directory, given.get("heap"), List.of());
        KafkaSink sink = new KafkaSink(bed.client())) {
      Lanes lanes = new Lanes(sink, processes, tickSeconds);
      lanes.run(Integer.parseInt(given.get("settle")));
      double before = bed.service().cpuSeconds();
      long reports = reports(bed.client());
      long passed = lanes.passed();
      long beganNanos = System.nanoTime();
      lanes.run(seconds);
      double took = (System.nanoTime() - beganNanos) / 1e9;
      double cpu = bed.service().cpuSeconds() - before;
      long published = reports(bed.client()) - reports;
      passed = lanes.passed() - passed;
      System.out.printf(
          Locale.ROOT,
          "%d idle processes, tick %d s: %.1f %% of a core over %.0f s, %.0f ticks/s, %.1f us each, %.0f reports/s, peak %.0f MB, load %s%n",
          processes,
          tickSeconds,
          100 * cpu / took,
          took,
          passed / took,
          1e6 * cpu / Math.max(1, passed),
          published / took,
          bed.service().peakMegabytes(),
          Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }
  }

  private static long reports(Map<String, Object> client) {
    try (TopicReader reader = new TopicReader(client, Topics.REPORTS)) {
      return reader.retained().values().stream().mapToLong(TopicReader.Range::before).sum();
    }
  }

  /** All processes, at the pace of recorders that do not know of one another. */
  private static final class Lanes {
    private final KafkaSink sink;
    private final List<IdleLane> lanes = new ArrayList<>();
    private final long tickNanos;
    private final long beganNanos = System.nanoTime();
    private long next;
    private long turns;

    Lanes(KafkaSink sink, int processes, int tickSeconds) throws IOException {
      this.sink = sink;
      tickNanos = TimeUnit.SECONDS.toNanos(tickSeconds);
      sink.session(
          Session.newBuilder()
              .setSessionId("silence")
              .setSource(Source.OTHER)
              .setTickNanos(tickNanos)
              .build());
      StackDictionary dictionary = new StackDictionary();
      for (int i = 0; i < STACKS; i++) {
        StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/idle", i)));
        dictionary.number(id);
        Frame frame = Frame.newBuilder().setModule("/bin/idle").setSymbol("f" + i).build();
        sink.stack(new CallStack(id.toHash(), Quality.SYMBOLS, List.of(frame)));
      }
      for (int i = 0; i < processes; i++) {
        lanes.add(new IdleLane("silence", 1 + i, tickNanos, dictionary));
      }
    }

    /** Ticks of processes that passed so far. */
    long passed() {
      return next;
    }

    /** In each tick every process has its turn once. */
    void run(int seconds) throws Exception {
      long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (System.nanoTime() < endNanos) {
        turns++;
        long due = turns * lanes.size() / TURNS_PER_TICK;
        for (; next < due; next++) {
          long tick = next / lanes.size();
          lanes.get((int) (next % lanes.size())).pass((tick + 1) * tickNanos + 1, sink);
        }
        long wait = beganNanos + turns * tickNanos / TURNS_PER_TICK - System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(Math.max(0, wait));
      }
      sink.flush();
    }
  }
}
