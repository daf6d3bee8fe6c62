package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code export} writes of blocks one by one has the numbers of {@code report}. */
class HistoryExportTest {
  private static final String STEALTH =
      RecordingManifest.REPLAY_DATA.resolve("stealth.capture").toString();
  private static final String PERL =
      RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture").toString();

  @TempDir Path directory;

  private String marked;

  @BeforeEach
  void record() throws IOException {
    marked = directory.resolve("marked").toString();
    MarkedRecording.write(Path.of(marked), "marked", "ab01", 100);
  }

  /** Read back by our own importer: every total but what needs threads, every stack. */
  @Test
  void shouldImportWhatWasExportedWhenItIsForHeaptrack() throws IOException {
    for (String[] question : questions()) {
      JsonNode expected = Exports.report(question);
      JsonNode read = Exports.report(export("heaptrack", question).toString());
      String what = String.join(" ", question);
      for (String name : List.of("allocations", "allocatedBytes", "frees", "peakBytes")) {
        if (question.length == 1) {
          assertThat(read.at("/totals/" + name)).as(what).isEqualTo(expected.at("/totals/" + name));
        }
      }
      assertThat(bytesByStack(read)).as(what).isEqualTo(bytesByStack(expected)).isNotEmpty();
    }
  }

  /** The real reader. */
  @Test
  void shouldSayTheSameTotalsWhenHeaptrackPrintsIt() throws Exception {
    String reason = "skipped: heaptrack is not installed";
    boolean isHere = Files.isExecutable(Path.of("/usr/bin/heaptrack_print"));
    if (!isHere) {
      System.out.println(reason);
    }
    Assumptions.assumeTrue(isHere, reason);
    Path file = export("heaptrack", STEALTH);
    Path printed = directory.resolve("printed");
    Process process =
        new ProcessBuilder("heaptrack_print", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(printed))
        .contains("calls to allocation functions: 43188 ")
        .contains("peak heap memory consumption: 115.64M")
        .contains("total memory leaked: 115.64M")
        .contains("prefetch_block");
  }

  /** Rules of dh_view.html: frames of one point are of no other, every index is of a frame. */
  @Test
  void shouldKeepTheRulesOfDhatWhenExportedForIt() throws IOException {
    for (String[] question : questions()) {
      String what = String.join(" ", question);
      JsonNode expected = Exports.report(question);
      JsonNode file = RecordingManifest.json(Files.readString(export("dhat", question)));
      assertThat(file.get("dhatFileVersion").asInt()).isEqualTo(2);
      assertThat(file.get("tg").asLong()).isBetween(0L, file.get("te").asLong());
      int frames = file.get("ftbl").size();
      Set<JsonNode> points = new HashSet<>();
      Map<String, Long> sums = new HashMap<>();
      for (JsonNode point : file.get("pps")) {
        assertThat(points.add(point.get("fs"))).as(what).isTrue();
        point.get("fs").forEach(frame -> assertThat(frame.asInt()).isBetween(1, frames - 1));
        for (String name : List.of("tb", "tbk", "gb", "eb", "ebk")) {
          sums.merge(name, point.get(name).asLong(), Long::sum);
        }
        assertThat(point.get("mb").asLong())
            .as(what)
            .isGreaterThanOrEqualTo(point.get("gb").asLong())
            .isGreaterThanOrEqualTo(point.get("eb").asLong());
        assertThat(point.get("tl").asLong())
            .isBetween(0L, file.get("te").asLong() * point.get("tbk").asLong());
      }
      JsonNode selected = expected.get("selected");
      assertThat(sums)
          .as(what)
          .containsEntry("tb", selected.get("allocatedBytes").asLong())
          .containsEntry("tbk", selected.get("allocations").asLong())
          .containsEntry("eb", selected.get("outstandingBytes").asLong())
          .containsEntry("ebk", selected.get("outstandingCount").asLong());
      if (question.length == 1) {
        assertThat(sums).containsEntry("gb", expected.at("/totals/peakBytes").asLong());
      }
    }
  }

  /** What the page of Firefox Profiler calls retained memory of a range is our primitive. */
  @Test
  void shouldRetainWhatTheReportSaysWhenARangeIsLookedAt() throws IOException {
    JsonNode file = RecordingManifest.json(Files.readString(export("firefox", STEALTH)));
    assertThat(file.at("/meta/preprocessedProfileVersion").asInt()).isEqualTo(60);
    checkTables(file.get("shared"));
    JsonNode rows = file.at("/threads/0/nativeAllocations");
    Random random = new Random(5);
    for (int i = 0; i < 8; i++) {
      int from = random.nextInt(43);
      int to = from + 1 + random.nextInt(43 - from);
      JsonNode selected =
          Exports.report(STEALTH, "--born", "+" + from + "s..+" + to + "s", "--at", "+" + to + "s")
              .get("selected");
      assertThat(retained(rows, from * 1000.0, to * 1000.0))
          .as(from + ".." + to)
          .isEqualTo(selected.get("outstandingBytes").asLong());
    }
  }

  private static long retained(JsonNode rows, double from, double to) {
    Map<Long, Long> live = new HashMap<>();
    for (int i = 0; i < rows.get("length").asInt(); i++) {
      double time = rows.get("time").get(i).asDouble();
      long bytes = rows.get("weight").get(i).asLong();
      long address = rows.get("memoryAddress").get(i).asLong();
      if (time >= from && time < to) {
        if (bytes >= 0) {
          live.put(address, bytes);
        } else {
          live.remove(address);
        }
      }
    }
    return live.values().stream().mapToLong(Long::longValue).sum();
  }

  private static void checkTables(JsonNode shared) {
    for (String table :
        List.of("stackTable", "frameTable", "funcTable", "resourceTable", "sources")) {
      int length = shared.at("/" + table + "/length").asInt();
      shared
          .get(table)
          .properties()
          .forEach(column -> {
            if (column.getValue().isArray()) {
              assertThat(column.getValue().size()).as(table + column.getKey()).isEqualTo(length);
            }
          });
      assertThat(length).as(table).isPositive();
    }
    JsonNode prefixes = shared.at("/stackTable/prefix");
    for (int i = 0; i < prefixes.size(); i++) {
      assertThat(prefixes.get(i).isNull() || prefixes.get(i).asInt() < i).isTrue();
    }
  }

  @Test
  void shouldRefuseWhatTheFormatCannotHold() throws IOException {
    for (String[] wrong : new String[][] {{"--older", "1s"}, {"--freed", "+1s.."}}) {
      List<String> all = new ArrayList<>(List.of("export", marked, "--as", "dhat", "-o", "never"));
      all.addAll(Arrays.asList(wrong));
      CommandRun run = CommandRun.of(all.toArray(String[]::new));
      assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
      assertThat(run.err()).contains("--older").contains("dhat");
    }
    assertThat(Path.of("never")).doesNotExist();
  }

  private List<String[]> questions() {
    return List.of(
        new String[] {STEALTH},
        new String[] {PERL},
        new String[] {STEALTH, "--at", "+20s", "--min-size", "100"},
        new String[] {STEALTH, "--born", "+5s..+15s", "--function", "prefetch"},
        new String[] {marked, "--born", "first..second"});
  }

  private static Map<List<String>, Long> bytesByStack(JsonNode report) {
    Map<List<String>, Long> bytes = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    for (JsonNode stack : report.get("stacks")) {
      List<String> frames = new ArrayList<>();
      stack
          .get("frames")
          .forEach(f -> frames.add(f.get("symbol") + " " + f.get("file") + " " + f.get("line")));
      bytes.merge(frames, stack.get("outstandingBytes").asLong(), Long::sum);
    }
    bytes.values().removeIf(sum -> sum == 0);
    return bytes;
  }

  private Path export(String format, String... question) {
    return Exports.write(directory, format, question);
  }
}
