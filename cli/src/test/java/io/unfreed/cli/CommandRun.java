package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One command line run in this process, with what it printed. Swaps the standard streams, so only
 * one at a time.
 */
public record CommandRun(int exitCode, String out, String err) {
  /** Runs a command line. */
  public static synchronized CommandRun of(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int exitCode = Main.run(args);
      return new CommandRun(
          exitCode,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Runs one that must succeed. */
  public static CommandRun done(String... args) {
    return done(List.of(), args);
  }

  /** The same, with options behind its first words. */
  static CommandRun done(List<String> options, String... first) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(options);
    CommandRun run = of(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  /** Lines of stdout. */
  public List<String> outLines() {
    return out.lines().toList();
  }

  /** Lines of stderr. */
  public List<String> errLines() {
    return err.lines().toList();
  }
}
