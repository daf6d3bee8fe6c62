package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.Failures;
import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.Terminals;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.collector.capture.RecordingException;
import io.unfreed.collector.importer.ImportResult;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.importer.Recordings;
import io.unfreed.collector.sink.PipelinedSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.FailedException;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Turns another tool's trace into a capture file. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class ImportCommand implements Callable<Integer> {
  /** Formats that can be imported. */
  enum Format {
    heaptrack(Recording.Kind.HEAPTRACK_RAW, Recording.Kind.HEAPTRACK_INTERPRETED),
    mtrace(Recording.Kind.MTRACE);

    private final Set<Recording.Kind> kinds;

    Format(Recording.Kind... kinds) {
      this.kinds = Set.of(kinds);
    }
  }

  @Parameters(index = "0", paramLabel = "heaptrack|mtrace", description = "The tool's format.")
  private Format format;

  @Parameters(index = "1", paramLabel = "FILE", description = "The trace; plain, .gz or .zst.")
  private Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "The capture file to write.")
  private Path output;

  @Option(names = "--force", description = "Overwrite OUT.")
  private boolean force;

  @Mixin private ImportOptionsMixin importing;

  @Override
  public Integer call() throws IOException {
    Recording recording = Recordings.open(file, importing.options());
    if (!format.kinds.contains(recording.kind())) {
      throw new UsageException(
          file + ": is a " + recording.kind().text() + ", not a " + format + " trace");
    }
    ImportResult result;
    try (ImportOutput out = ImportOutput.of(file, output, force)) {
      result = copy(recording, out);
    }
    importing.printNotes();
    FileNotes.print(file, result, System.err);
    if (Terminals.isErrTerminal()) {
      System.err.println(
          "unfreed: " + Printable.of(output.toString()) + ": " + result.events() + " events");
    }
    return ExitCodes.OK;
  }

  private static ImportResult copy(Recording recording, ImportOutput out) throws IOException {
    CaptureWriter writer = out.create();
    try {
      ImportResult result;
      try (RecordingSink sink = ProgressSink.around(new PipelinedSink<>(writer), "importing")) {
        result = recording.copyTo(sink);
      }
      if (result.isNothing()) {
        throw new RecordingException(result.damage().line());
      }
      out.keep();
      return result;
    } catch (IOException e) {
      throw new FailedException(RecordingException.reason(e) + "; " + out.kept(), e);
    } catch (OutOfMemoryError e) {
      throw new FailedException(Failures.oneLine(e) + "; " + out.kept(), e);
    }
  }
}
