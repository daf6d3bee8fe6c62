package io.unfreed.collector.live;

import io.unfreed.bpf.session.CaptureCounters;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a recording went.
 *
 * @param produced events the kernel side decided to emit
 * @param received events that reached a batch
 * @param lost produced and not received
 * @param counters every counter above 0, by name
 */
public record Ending(long produced, long received, long lost, Map<String, Long> counters) {
  /** From the counters after detaching and draining. */
  static Ending of(CaptureCounters counters, LiveStackCounts stacks, Lanes lanes) {
    Map<String, Long> named = new TreeMap<>();
    for (CaptureCounters.Counter counter : CaptureCounters.Counter.values()) {
      put(named, camelCase(counter.name()), counters.get(counter));
    }
    put(named, "recursionMisses", counters.recursionMisses());
    put(named, "afterExit", lanes.afterExit());
    put(named, "pagesWithoutRoom", lanes.withoutRoom());
    stacks.counters().forEach((name, value) -> put(named, name, value));
    return new Ending(
        counters.produced() + lanes.derived(),
        lanes.received(),
        counters.lost() + lanes.withoutRoom(),
        named);
  }

  private static void put(Map<String, Long> named, String name, long value) {
    if (value != 0) {
      named.put(name, value);
    }
  }

  static String camelCase(String constant) {
    StringBuilder name = new StringBuilder();
    for (String word : constant.split("_")) {
      String lower = word.toLowerCase(java.util.Locale.ROOT);
      name.append(
          name.isEmpty() ? lower : Character.toUpperCase(lower.charAt(0)) + lower.substring(1));
    }
    return name.toString();
  }
}
