package io.unfreed.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What is said of the programs of {@code replay-data/corpus}, beside what they are. */
public final class CorpusTable {
  private static final double SURE = 0.9;

  /** When the programs still run, of which the last began 1.6 s after the first. */
  private static final double ASKED = 0.98;

  /** Programs that are recorded in ways of their own. */
  private static final Set<String> ALONE = Set.of("loss-hides-frees", "attached-late");

  private record Label(int number, String program, Set<String> right, String function) {
    boolean isLeak() {
      return right.equals(Set.of("leaking"));
    }
  }

  /** Programs that were recorded, and without loss where they are recorded together. */
  public int recorded;

  /** Of those, how many have a right verdict. */
  public int right;

  /** Programs that leak and nothing else. */
  public int leaks;

  /** False leaks at .9 or more. */
  public int falseSure;

  /** How many leaks each way of ranking names first. */
  public final Map<String, Integer> first = new TreeMap<>();

  /** Lines for people. */
  public final List<String> lines = new ArrayList<>();

  private CorpusTable() {}

  /** Asks a recording of the programs that are recorded together, which ran for so long. */
  public static CorpusTable of(Path capture, double seconds) throws IOException {
    CorpusTable table = new CorpusTable();
    String at = "+" + Math.round(ASKED * seconds * 1000) + "ms";
    Map<String, JsonNode> reports = ask(capture, "--at", at, "--older", "0s");
    Map<String, JsonNode> older =
        ask(capture, "--at", at, "--older", Math.round(seconds * 100) + "ms");
    for (Label label : labels()) {
      if (!ALONE.contains(label.program)) {
        JsonNode report = reports.get(label.program);
        if (report == null || report.at("/totals/lostEvents").asLong() > 0) {
          table.lines.add(label.number + " " + label.program + ": not recorded whole");
        } else {
          table.add(label, report, older.get(label.program));
        }
      }
    }
    return table;
  }

  /** Asks a recording of one program, which is over, in a way of its own. */
  public static CorpusTable ofAlone(Path capture) throws IOException {
    CorpusTable table = new CorpusTable();
    Map<String, JsonNode> reports = ask(capture);
    Map<String, JsonNode> older = ask(capture, "--older", "1s");
    for (Label label : labels()) {
      if (reports.containsKey(label.program)) {
        table.add(label, reports.get(label.program), older.get(label.program));
      }
    }
    return table;
  }

  private static List<Label> labels() throws IOException {
    List<Label> labels = new ArrayList<>();
    for (String line :
        Files.readAllLines(RecordingManifest.REPLAY_DATA.resolve("corpus/labels.tsv"))) {
      if (!line.startsWith("#")) {
        String[] fields = line.split("\t", -1);
        labels.add(
            new Label(
                Integer.parseInt(fields[0]),
                fields[1],
                new HashSet<>(Arrays.asList(fields[2].split(",", -1))),
                fields[3]));
      }
    }
    return labels;
  }

  private static Map<String, JsonNode> ask(Path capture, String... options) {
    List<String> asked =
        new ArrayList<>(List.of("report", capture.toString(), "--top", "0", "--format", "json"));
    asked.addAll(List.of(options));
    CommandRun run = CommandRun.of(asked.toArray(String[]::new));
    Map<String, JsonNode> reports = new HashMap<>();
    for (String line : run.outLines()) {
      JsonNode report = RecordingManifest.json(line);
      String[] command = report.at("/process/command").asText().split(" ", -1);
      if (command.length == 3) {
        reports.put(command[1], report);
      }
    }
    return reports;
  }

  private void add(Label label, JsonNode report, JsonNode older) {
    recorded++;
    Set<String> ids = new HashSet<>();
    JsonNode largest = null;
    for (JsonNode stack : report.get("stacks")) {
      if (isOf(label, stack)) {
        ids.add(stack.get("stackId").asText());
        largest = largest == null ? stack : largest;
      }
    }
    JsonNode verdict = largest == null ? null : largest.get("verdict");
    for (JsonNode leak : report.get("leaks")) {
      boolean isIt = leak.get("stackIds").valueStream().anyMatch(id -> ids.contains(id.asText()));
      verdict = isIt ? leak.get("verdict") : verdict;
      boolean isFalse = !isIt || !label.right.contains("leaking");
      falseSure += isFalse && leak.at("/verdict/confidence").asDouble() >= SURE ? 1 : 0;
    }
    String said = verdict == null ? "nothing held" : verdict.get("class").asText();
    boolean isRight =
        verdict == null ? label.right.contains("bounded") : label.right.contains(said);
    right += isRight ? 1 : 0;
    if (label.isLeak()) {
      leaks++;
      JsonNode leak = report.at("/leaks/0/stackIds/0");
      count("verdict", ids.contains(leak.asText()));
      count("bytes", isFirst(label, report, s -> s.get("outstandingBytes").asLong()));
      count("count", isFirst(label, report, s -> s.get("outstandingCount").asLong()));
      count(
          "memleak -o, tail ratio",
          older != null && isFirst(label, older, s -> s.get("outstandingBytes").asLong()));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%2d %-21s %-5s %-12s %s",
            label.number,
            label.program,
            isRight ? "right" : "WRONG",
            said,
            verdict == null || verdict.get("confidence").isNull()
                ? ""
                : verdict.get("confidence").asText()));
  }

  private void count(String way, boolean names) {
    first.merge(way, names ? 1 : 0, Integer::sum);
  }

  private static boolean isFirst(Label label, JsonNode report, ToLongFunction<JsonNode> number) {
    return report
        .get("stacks")
        .valueStream()
        .max(Comparator.comparingLong(number))
        .filter(stack -> isOf(label, stack))
        .isPresent();
  }

  private static boolean isOf(Label label, JsonNode stack) {
    return stack
        .get("frames")
        .valueStream()
        .anyMatch(frame -> label.function.equals(frame.get("symbol").asText()));
  }

  @Override
  public String toString() {
    return String.join("\n", lines)
        + String.format(
            Locale.ROOT,
            "%nright %d of %d, leaks named first %s of %d, false leaks at >= .9: %d",
            right,
            recorded,
            first,
            leaks,
            falseSure);
  }
}
