package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.live.LiveExit;
import io.unfreed.cli.option.HttpOptions;
import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.collector.importer.ImportResult;
import io.unfreed.query.AskedBlocks;
import io.unfreed.query.AskedMoment;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.FileArchive;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.answer.TraceReadings;
import io.unfreed.server.api.Api;
import io.unfreed.server.http.WebServer;
import io.unfreed.streams.ledger.SizeRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Serves the page over files, on loopback, until Ctrl-C. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class ViewCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "Captures, of traces too, heaptrack files or mtrace logs; one may still be recorded to.")
  private List<Path> files = new ArrayList<>();

  @Mixin private HttpOptions http;

  @Mixin private ImportOptionsMixin importing;

  /** What was said of a file is not said again after every question. */
  private final Set<String> told = new HashSet<>();

  @Override
  public Integer call() {
    LiveExit exit = new LiveExit();
    return exit.run(() -> serve(exit));
  }

  private int serve(LiveExit exit) throws IOException, InterruptedException {
    FileArchive archive = new FileArchive(files, importing.options(), this::tell, http.limits());
    Readings readings = new Readings(archive);
    // What the page asks first is begun before anybody can ask.
    Thread.startVirtualThread(() -> begin(archive, readings));
    CountDownLatch end = new CountDownLatch(1);
    exit.onSignal(end::countDown);
    try (WebServer server =
        WebServer.start(http.address(), http.access(), http.tls(), new Api(readings))) {
      System.out.println(http.url(server));
      System.err.println("unfreed: open this address in a browser; Ctrl-C ends");
      try {
        end.await();
      } finally {
        importing.printNotes();
      }
    }
    return ExitCodes.OK;
  }

  private static void begin(FileArchive archive, Readings readings) {
    try {
      if (archive.hasTraces()) {
        readings.traces().timeline(null, TraceReadings.TraceRows.ALL);
      }
      if (archive.hasBlocks()) {
        readings.of(
            new Asked(
                null,
                new AskedMoment(null, 0, SizeRange.ALL, null),
                new AskedBlocks(null, null, null, null, null),
                null));
      }
    } catch (IOException | RuntimeException e) {
      // The page asks the same and is told.
    }
  }

  private synchronized void tell(Path file, ImportResult result) {
    if (told.add(file + ": " + result.damage() + result.skippedLines())) {
      FileNotes.print(file, result, System.err);
    }
  }
}
