package io.unfreed.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.cli.CommandRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A command line that was run, and what holds for every one (docs/contract.md, section 6). */
final class CheckedRun {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Numbers of a report that are about the recorded program and may be anything. */
  private static final List<String> FREE = List.of("frames", "session", "process", "at");

  /** What the topology logs, when it runs in the command's process. */
  private static final String LOGGED = "\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN \\w+ - .*";

  private final String what;
  private final CommandRun run;
  private final List<JsonNode> reports = new ArrayList<>();

  private CheckedRun(String what, CommandRun run) {
    this.what = what + "\n" + run.exitCode() + "\n" + run.err();
    this.run = run;
  }

  /** Runs a report and checks it, also what it says in JSON. */
  static CheckedRun of(String what, List<String> arguments) {
    CheckedRun checked =
        new CheckedRun(
            what + ": " + String.join(" ", arguments),
            CommandRun.of(arguments.toArray(String[]::new)));
    checked.check(arguments);
    return checked;
  }

  int exitCode() {
    return run.exitCode();
  }

  /** What is printed, by lines of JSON. */
  List<JsonNode> reports() {
    return reports;
  }

  String out() {
    return run.out();
  }

  String what() {
    return what;
  }

  private void check(List<String> arguments) {
    assertThat(run.exitCode()).as(what).isIn(0, 1, 2);
    assertThat(run.err())
        .as(what)
        .doesNotContain("internal error")
        .doesNotContain("\tat ")
        .doesNotContain("out of memory");
    assertThat(isPrintable(run.err())).as(what).isTrue();
    assertThat(run.errLines())
        .as(what)
        .allMatch(line -> line.startsWith("unfreed: ") || line.matches(LOGGED));
    assertThat(isPrintable(run.out())).as(what + "\n" + run.out()).isTrue();
    if (run.exitCode() != 0) {
      assertThat(run.errLines()).as(what).isNotEmpty();
      assertThat(run.out()).as(what).isEmpty();
    } else if (arguments.contains("json")) {
      run.outLines().forEach(line -> checkReport(line, arguments.contains("--older")));
    }
  }

  private void checkReport(String line, boolean aged) {
    JsonNode report;
    try {
      report = JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError(what + "\n" + line, e);
    }
    reports.add(report);
    noNegatives(report, line);
    adds(report.get("totals"), line);
    if (!aged) { // else the outstanding of a stack are some of those that were not released
      report.get("stacks").forEach(stack -> adds(stack, line));
    }
  }

  private void noNegatives(JsonNode node, String line) {
    node.properties()
        .forEach(field -> {
          if (!FREE.contains(field.getKey())) {
            noNegatives(field.getValue(), line);
          }
        });
    if (node.isArray()) {
      node.forEach(item -> noNegatives(item, line));
    }
    assertThat(node.isNumber() && node.asLong() < 0).as(what + "\n" + line).isFalse();
  }

  private void adds(JsonNode n, String line) {
    String all = what + "\n" + line;
    if (!n.get("outstandingCount").isNull()) {
      assertThat(number(n, "allocations"))
          .as(all)
          .isEqualTo(
              number(n, "frees")
                  + number(n, "superseded")
                  + number(n, "closedByExec")
                  + number(n, "outstandingCount"));
      assertThat(number(n, "certainBytes"))
          .as(all)
          .isLessThanOrEqualTo(number(n, "outstandingBytes"));
    }
  }

  private static long number(JsonNode node, String name) {
    return node.get(name).asLong();
  }

  /** No character steers a terminal or changes the order of what it shows. */
  private static boolean isPrintable(String text) {
    return text.codePoints()
        .allMatch(c ->
            c == '\n'
                || switch (Character.getType(c)) {
                  case Character.CONTROL,
                      Character.FORMAT,
                      Character.LINE_SEPARATOR,
                      Character.PARAGRAPH_SEPARATOR,
                      Character.SURROGATE ->
                      false;
                  default -> true;
                });
  }
}
