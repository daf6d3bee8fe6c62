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
    totalsAreTold(mode, report);
    stacksAreTold(mode, report);
  }

  /** The totals of a report, and nothing lost. */
  void totalsAreTold(String mode, JsonNode report) {
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
  }

  /** Totals where libc allocates on its own, too: at least the program's, nothing lost. */
  void totalsAreAmong(String mode, JsonNode report) {
    assertThat(report).describedAs(mode).isNotNull();
    long made = totals.get("alloc") + totals.get("moved") + totals.get("map");
    assertThat(report.at("/totals/allocations").asLong()).as(mode).isGreaterThanOrEqualTo(made);
    assertThat(report.at("/totals/frees").asLong()).as(mode).isGreaterThanOrEqualTo(sum("free"));
    assertThat(report.at("/totals/superseded").asLong()).as(mode).isZero();
    assertThat(report.at("/totals/lostEvents").asLong()).as(mode).isZero();
    assertThat(report.at("/at/final").asBoolean()).as(mode).isTrue();
  }

  /**
   * What each line has left, for stacks of an unwinder: an allocator's or C++'s library may lie
   * between the line and the call that is recorded.
   */
  void linesAreTold(String mode, JsonNode report) {
    Map<String, List<Long>> told = new TreeMap<>();
    for (JsonNode stack : report.get("stacks")) {
      String line = lineOf(stack.get("frames"));
      if (line != null && !isLibc(stack.at("/frames/0"))) {
        long live = stack.get("outstandingCount").asLong();
        long bytes = stack.get("outstandingBytes").asLong();
        told.merge(
            line,
            List.of(live, bytes),
            (a, b) -> List.of(a.get(0) + b.get(0), a.get(1) + b.get(1)));
      }
    }
    Map<String, List<Long>> left = new TreeMap<>();
    sites.forEach((line, site) -> {
      if (site.get("live") > 0) {
        left.put(
            line.substring(line.lastIndexOf('/') + 1),
            List.of(site.get("live"), site.get("live_bytes")));
      }
    });
    assertThat(told).describedAs(mode).isEqualTo(left);
  }

  private static String lineOf(JsonNode frames) {
    for (JsonNode frame : frames) {
      if (frame.hasNonNull("file") && KernelHost.isWorkloadSource(frame.get("file").asText())) {
        return place(frame);
      }
    }
    return null;
  }

  /** libc's own, as what the making of a thread allocates. */
  private static boolean isLibc(JsonNode frame) {
    return frame.get("module").asText().matches(".*/(libc|ld-linux[^/]*)\\.so.*");
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
      if (isLibc(innermost)) {
        continue;
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
