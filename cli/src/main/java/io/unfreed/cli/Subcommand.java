package io.unfreed.cli;

import io.unfreed.cli.command.CheckCommand;
import io.unfreed.cli.command.DemoCommand;
import io.unfreed.cli.command.DiffCommand;
import io.unfreed.cli.command.DoctorCommand;
import io.unfreed.cli.command.ExplainCommand;
import io.unfreed.cli.command.ExportCommand;
import io.unfreed.cli.command.ImportCommand;
import io.unfreed.cli.command.MarkCommand;
import io.unfreed.cli.command.RecordCommand;
import io.unfreed.cli.command.ReplayCommand;
import io.unfreed.cli.command.ReportCommand;
import io.unfreed.cli.command.SessionsCommand;
import io.unfreed.cli.command.StreamsCommand;
import io.unfreed.cli.command.TopCommand;
import io.unfreed.cli.command.TopicsCommand;
import io.unfreed.cli.command.TraceCommand;
import io.unfreed.cli.command.ViewCommand;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What {@code unfreed} can do. The options of a command are read from its class only when it is
 * named: reading those of all took longer than most of them take to run.
 */
enum Subcommand {
  DEMO("Replays a bundled recording of a true leak through Kafka, and reports it."),
  RECORD("Records a command, a process or the kernel, to a file or to Kafka."),
  TOP("Records a process, a command or the kernel, and reports at every interval."),
  IMPORT("Turns another tool's trace into a capture file."),
  REPLAY("Publishes recordings to Kafka and prints what the topology reports."),
  REPORT("Reports what is outstanding, straight from recorded events."),
  CHECK(
      "Prints what leaks and ends with 4 if anything does; for continuous integration.",
      "What is suppressed is not counted."),
  EXPLAIN("Looks into a leak: since when, how often, who allocates and who frees."),
  DIFF("Compares what is outstanding at two moments or in two recordings."),
  EXPORT("Writes what is outstanding, or was freed, as a file that other tools read."),
  VIEW("Serves a page that draws recordings, and an API, on this host; until Ctrl-C."),
  SESSIONS("Lists recorded sessions, oldest first."),
  TRACE("Traces system calls, locks, block io or kernel memory, counted in the kernel."),
  STREAMS("Runs the topology as a service, until SIGTERM."),
  TOPICS("Creates the topics of a cluster."),
  DOCTOR("Checks whether this host can record live: found, what it means, what to do."),
  MARK("Names this moment in a session that is being recorded."),
  HELP("Display help information about the specified command.");

  private final String[] description;

  Subcommand(String... description) {
    this.description = description;
  }

  /** A switch: the JVM fails to put constants that hold method references into its cache. */
  private Object command() {
    return switch (this) {
      case DEMO -> new DemoCommand();
      case RECORD -> new RecordCommand();
      case TOP -> new TopCommand();
      case IMPORT -> new ImportCommand();
      case REPLAY -> new ReplayCommand();
      case REPORT -> new ReportCommand();
      case CHECK -> new CheckCommand();
      case EXPLAIN -> new ExplainCommand();
      case DIFF -> new DiffCommand();
      case EXPORT -> new ExportCommand();
      case VIEW -> new ViewCommand();
      case SESSIONS -> new SessionsCommand();
      case TRACE -> new TraceCommand();
      case STREAMS -> new StreamsCommand();
      case TOPICS -> new TopicsCommand();
      case DOCTOR -> new DoctorCommand();
      case MARK -> new MarkCommand();
      case HELP -> new HelpCommand();
    };
  }

  /** Adds all of them, and of those that the arguments may name what they take. */
  static void addTo(CommandLine root, List<String> arguments) {
    for (Subcommand subcommand : values()) {
      String name = subcommand.name().toLowerCase(Locale.ROOT);
      CommandLine line =
          new CommandLine(arguments.contains(name) ? subcommand.command() : CommandSpec.create());
      line.getCommandSpec().usageMessage().description(subcommand.description);
      root.addSubcommand(name, line);
    }
  }
}
