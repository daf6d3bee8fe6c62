package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.collector.importer.Recordings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Shows the main job on a bundled recording of a true leak. */
@Command(mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    Path home = Path.of(System.getProperty("unfreed.home", "."));
    try (DemoRecording recording = DemoRecording.find(home)) {
      replay(recording.file());
      if (recording.isUnpacked()) {
        printNextOfRelease();
      } else {
        printNext(home);
      }
    }
    return ExitCodes.OK;
  }

  private static void replay(Path file) throws IOException {
    System.out.println(
        """
        An HTTP service answers /health with "healthy" while one of its threads keeps a megabyte
        every 0.4 s. It was recorded live for 44 s, by an ordinary user, compiled as distributions
        compile. The recording now goes through Kafka and the topology; this is what is never
        freed, and which of it grows:
        """);
    KafkaOptions kafka = CommandLine.populateCommand(new KafkaOptions());
    QueryOptions query = CommandLine.populateCommand(new QueryOptions());
    OutputOptions output = CommandLine.populateCommand(new OutputOptions(), "--top", "3");
    try (KafkaOptions.Brokers brokers = kafka.open();
        Replay replay = new Replay(brokers, query, output)) {
      replay.run(Map.of(file, Recordings.open(file, ImportOptions.defaults())));
    }
  }

  /** The bundled recording is gone then: commands that make one. */
  private static void printNextOfRelease() {
    String unfreed = System.getProperty("unfreed.command", "unfreed");
    System.out.println();
    System.out.println("Try next:");
    System.out.println("  " + unfreed + " record -o first.capture -- ls -lR /usr/lib");
    System.out.println("  " + unfreed + " report first.capture --top 3");
  }

  /** Commands that work as printed, from the directory the user is in. */
  private static void printNext(Path home) {
    Path here = Path.of("").toAbsolutePath();
    boolean atHome = home.toAbsolutePath().normalize().equals(here);
    String unfreed = atHome ? "./unfreed" : home.resolve("unfreed").toString();
    String file = atHome ? DemoRecording.NAME : home.resolve(DemoRecording.NAME).toString();
    System.out.println();
    System.out.println("Try next:");
    System.out.println("  " + unfreed + " report " + file + " --at +20s --top 3");
    System.out.println("  " + unfreed + " report " + file + " --older 30s --min-size 1k");
    System.out.println(
        "  " + unfreed + " replay " + file + " --interval 5s --data-dir unfreed-data");
  }
}
