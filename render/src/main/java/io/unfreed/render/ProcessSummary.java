package io.unfreed.render;

import io.unfreed.schemas.Session;
import io.unfreed.streams.lane.Degraded;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.report.IncarnationReport;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Many processes in a few lines, one per command. Of each process it keeps some numbers of its
 * newest report, never its stacks.
 */
final class ProcessSummary {
  private static final List<String> HEADER =
      List.of(
          "command", "processes", "allocations", "outstanding bytes", "outstanding count", "lost");

  /** Degraded processes that are named. */
  private static final int NAMED = 10;

  /** One process. */
  private record Row(
      String command,
      long allocations,
      long outstandingBytes,
      long outstandingCount,
      long lostEvents,
      boolean hasStacks,
      Integer tgid,
      Degraded degraded) {

    static Row of(IncarnationReport report) {
      TotalsNumbers totals = report.totals();
      return new Row(
          CommandName.of(report.process().getCommand()),
          totals.allocations(),
          totals.outstandingBytes(),
          totals.outstandingCount(),
          totals.lostEvents(),
          !report.stacks().isEmpty(),
          report.process().getTgid(),
          totals.degraded());
    }
  }

  /**
   * The processes of one command.
   *
   * @param lostEvents the most of any of them: a loss may concern them all, so it has no sum
   */
  private record CommandRow(
      String command,
      long processes,
      long allocations,
      long outstandingBytes,
      long outstandingCount,
      long lostEvents) {
    static final Comparator<CommandRow> ORDER =
        Comparator.comparingLong(CommandRow::outstandingBytes)
            .thenComparingLong(CommandRow::outstandingCount)
            .thenComparingLong(CommandRow::allocations)
            .thenComparingLong(CommandRow::processes)
            .reversed()
            .thenComparing(CommandRow::command);

    static CommandRow of(Row row) {
      return new CommandRow(
          row.command,
          1,
          row.allocations,
          row.outstandingBytes,
          row.outstandingCount,
          row.lostEvents);
    }

    CommandRow plus(CommandRow other) {
      return new CommandRow(
          command,
          processes + other.processes,
          allocations + other.allocations,
          Sums.of(outstandingBytes, other.outstandingBytes),
          outstandingCount + other.outstandingCount,
          Math.max(lostEvents, other.lostEvents));
    }

    List<String> cells() {
      return List.of(
          command,
          Long.toString(processes),
          Long.toString(allocations),
          Long.toString(outstandingBytes),
          Long.toString(outstandingCount),
          Long.toString(lostEvents));
    }
  }

  private final Map<String, Row> rows = new LinkedHashMap<>();

  /** Notes a process, in place of what it reported before. */
  void add(IncarnationReport report) {
    rows.put(report.incarnation(), Row.of(report));
  }

  int processes() {
    return rows.size();
  }

  /** Processes whose reports have stacks to list. */
  long processesWithStacks() {
    return rows.values().stream().filter(Row::hasStacks).count();
  }

  /** What stands behind the time: how many there are and what they hold together. */
  String title() {
    return "%d processes: %d bytes in %d allocations outstanding"
        .formatted(
            rows.size(),
            rows.values().stream().mapToLong(Row::outstandingBytes).reduce(0, Sums::of),
            rows.values().stream().mapToLong(Row::outstandingCount).sum());
  }

  /** A table of commands, most bytes first, and how many processes it counts that did nothing. */
  void print(Session session, PrintStream out) {
    Map<String, CommandRow> commands = new TreeMap<>();
    rows.values().forEach(row -> commands.merge(row.command, CommandRow.of(row), CommandRow::plus));
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADER);
    commands.values().stream().sorted(CommandRow.ORDER).map(CommandRow::cells).forEach(lines::add);
    int[] widths = new int[HEADER.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    lines.forEach(line -> out.println("    " + aligned(line, widths)));
    printIdle(out);
    printDegraded(session, out);
  }

  private static String aligned(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    line.append(cells.getFirst()).repeat(" ", widths[0] - cells.getFirst().length());
    for (int i = 1; i < widths.length; i++) {
      line.repeat(" ", 2 + widths[i] - cells.get(i).length()).append(cells.get(i));
    }
    return line.toString();
  }

  private void printDegraded(Session session, PrintStream out) {
    List<Row> degraded = rows.values().stream().filter(row -> row.degraded != null).toList();
    if (degraded.isEmpty()) {
      return;
    }
    String named =
        degraded.stream()
            .limit(NAMED)
            .map(row ->
                (row.tgid == null ? "" : row.tgid + " ")
                    + row.command
                    + DegradedText.when(session, row.degraded))
            .collect(Collectors.joining(", "));
    out.printf(
        "    DEGRADED: %d %s of the ledger memory, nothing of %s is certain: %s%s%n",
        degraded.size(),
        degraded.size() == 1
            ? "process held more blocks than its share"
            : "processes held more blocks than their shares",
        degraded.size() == 1 ? "it" : "them",
        named,
        degraded.size() > NAMED ? ", and %d more".formatted(degraded.size() - NAMED) : "");
  }

  private void printIdle(PrintStream out) {
    Map<String, Long> idle =
        rows.values().stream()
            .filter(row -> row.allocations == 0)
            .collect(Collectors.groupingBy(Row::command, TreeMap::new, Collectors.counting()));
    if (idle.isEmpty()) {
      return;
    }
    long processes = idle.values().stream().mapToLong(Long::longValue).sum();
    String commands =
        idle.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
    out.printf(
        "    no allocation was seen in %d %s: %s%n",
        processes, processes == 1 ? "process" : "processes", commands);
  }
}
