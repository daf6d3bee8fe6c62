package io.unfreed.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point: parses the command line, runs one subcommand, turns every failure into one line. */
@Command(
    name = "unfreed",
    description = "Finds native memory leaks by recording every allocation and every free.",
    mixinStandardHelpOptions = true,
    version = "unfreed 0.1.0",
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    // Numbers are read by programs too, some of them our own: digits are the same everywhere.
    Locale.setDefault(Locale.ROOT);
    Results results = new Results();
    System.setOut(results.printStream());
    System.exit(results.exitCode(run(RawArguments.of(args))));
  }

  /** Runs a command line in this process and returns its exit code. */
  public static int run(String... args) {
    CommandLine commandLine = new CommandLine(new Main());
    Subcommand.addTo(commandLine, List.of(args));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExpandAtFiles(false); // what begins with @ may be a recorded command's
    commandLine.registerConverter(Path.class, new FileNames());
    commandLine.setExecutionExceptionHandler(
        (e, command, parsed) -> Failures.print(e, command.getErr()));
    commandLine.setParameterExceptionHandler((e, arguments) -> {
      e.getCommandLine().getErr().println("unfreed: " + Failures.oneLine(e));
      return ExitCodes.USAGE;
    });
    if (args.length == 0) {
      commandLine.usage(System.err);
      return ExitCodes.USAGE;
    }
    try {
      return commandLine.execute(args);
    } catch (
        Error e) { // a full disk, a library that does not load, no memory: picocli lets it pass
      return Failures.print(e, commandLine.getErr());
    }
  }
}
