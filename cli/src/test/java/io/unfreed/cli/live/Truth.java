package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a workload says it did, and whether a report says the same.
 *
 * @param totals the numbers of its {@code expect} line
 * @param sites those of its lines for each place, by file and line
 */
record Truth(Map<String, Long> totals, Map<String, Map<String, Long>> sites) {
  static Truth of(List<String> lines) {
    Map<String, Long> totals = new TreeMap<>();
    Map<String, Map<String, Long>> sites = new TreeMap<>();
    for (String line : lines) {
      if (line.startsWith("expect ")) {
        totals.putAll(KernelHost.numbers(line));
      } else if (line.startsWith("site ")) {
        sites.put(line.split(" ")[1], KernelHost.numbers(line));
      }
    }
    assertThat(totals).describedAs("%s", lines).isNotEmpty();
    return new Truth(totals, sites);
  }

  long sum(String word) {
    return sites.values().stream().mapToLong(site -> site.get(word)).sum();
  }

  /** The whole report: totals, stacks, and nothing lost. */
  void isTold(String mode, JsonNode report) {
    assertThat(report).describedAs(mode).isNotNull();
    long made = totals.get("alloc") + totals.get("moved") + totals.get("map");
    Map<String, Long> expected = new TreeMap<>();
    expected.put("allocations", made);
    expected.put(
        "allocatedBytes",
        totals.get("alloc_bytes") + totals.get("moved_bytes") + totals.get("map_bytes"));
    expected.put("frees", sum("free"));
    expected.put("outstandingCount", sum("live"));
    expected.put("outstandingBytes", sum("live_bytes"));
    expected.put("certainBytes", isWhole(report) ? sum("live_bytes") : 0);
    expected.put("unmatchedFrees", 0L);
    expected.put("superseded", 0L);
    expected.put("lostEvents", 0L);
    Map<String, Long> told = new TreeMap<>();
    expected.keySet().forEach(name -> told.put(name, report.at("/totals/" + name).asLong()));
    assertThat(told).describedAs(mode).isEqualTo(expected);
    assertThat(report.at("/at/final").asBoolean()).describedAs(mode).isTrue();
    stacksAreTold(mode, report);
  }

  /** Whether the process was recorded from its first instruction; else nothing is certain. */
  private static boolean isWhole(JsonNode report) {
    JsonNode from = report.at("/process/recordedFromNanos");
    return from.isNumber() && from.asLong() == 0;
  }

  /** Every stack of the report by the line that allocates; lines with nothing left have none. */
  void stacksAreTold(String mode, JsonNode report) {
    Map<String, Map<String, Long>> told = new TreeMap<>();
    for (JsonNode stack : report.get("stacks")) {
      JsonNode innermost = stack.at("/frames/0");
      if (innermost.get("module").asText().matches(".*/(libc|ld-linux[^/]*)\\.so.*")) {
        continue; // libc's own, as what the making of a thread allocates
      }
      Map<String, Long> site = told.computeIfAbsent(place(innermost), key -> new TreeMap<>());
      site.merge("alloc", stack.get("allocations").asLong(), Long::sum);
      site.merge("alloc_bytes", stack.get("allocatedBytes").asLong(), Long::sum);
      site.merge("free", stack.get("frees").asLong(), Long::sum);
      site.merge("live", stack.get("outstandingCount").asLong(), Long::sum);
      site.merge("live_bytes", stack.get("outstandingBytes").asLong(), Long::sum);
    }
    Map<String, Map<String, Long>> left = new TreeMap<>(sites);
    left.values().removeIf(site -> site.get("live") == 0);
    assertThat(told).describedAs(mode).isEqualTo(left);
  }

  private static String place(JsonNode frame) {
    String file = frame.get("file").asText();
    return file.substring(file.lastIndexOf('/') + 1) + ":" + frame.get("line").asLong();
  }
}
