package io.unfreed.cli.command;

import io.unfreed.cli.FileNames;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.collector.capture.RecordingException;
import io.unfreed.query.FailedException;
import io.unfreed.query.UsageException;
import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The file an import makes. It is written under another name beside it and takes its own when it is
 * whole, so that a failed import leaves what was there before. A device or a pipe is written as it
 * is. A signal removes what is not whole. Used by one thread.
 */
final class ImportOutput implements AutoCloseable {
  private final Path output;
  private final Path written;
  private final boolean force;
  private final Thread hook = new Thread(this::onShutdown, "unfreed-end-import");

  /** Set for good when a signal ends the process. */
  private boolean ended;

  private ImportOutput(Path output, Path written, boolean force) {
    this.output = output;
    this.written = written;
    this.force = force;
  }

  /**
   * Chooses where to write; nothing is created yet.
   *
   * @throws UsageException when the output is the input, by whatever name
   * @throws RecordingException when the output exists and {@code force} is false
   */
  static ImportOutput of(Path input, Path output, boolean force) throws IOException {
    if (!Files.exists(output)) {
      if (Files.isSymbolicLink(output)) {
        throw new FailedException(output + ": not written: a symbolic link to nothing");
      }
      return new ImportOutput(output, beside(output), force);
    }
    if (Files.isSameFile(input, output)) {
      throw new UsageException(output + ": not overwritten: it is the trace to import");
    }
    if (!force && !Files.isDirectory(output)) {
      throw new RecordingException(
          output + ": not overwritten: it exists already, and --force was not given");
    }
    Path target = output.toRealPath();
    return new ImportOutput(target, Files.isRegularFile(target) ? beside(target) : target, true);
  }

  /** Creates the file that is written. */
  synchronized CaptureWriter create() throws IOException {
    if (!written.equals(output)) {
      Runtime.getRuntime().addShutdownHook(hook);
    }
    return CaptureWriter.create(written, written.equals(output), output);
  }

  /** Gives the whole file its name. */
  synchronized void keep() throws IOException {
    if (ended) {
      throw new IOException(output + ": ended by a signal");
    }
    if (!written.equals(output)) {
      CopyOption[] options =
          force ? new CopyOption[] {StandardCopyOption.REPLACE_EXISTING} : new CopyOption[0];
      Files.move(written, output, options);
    }
  }

  /** What is in the output after a failure, for people. */
  String kept() {
    if (written.equals(output)) {
      return output + " is not whole";
    }
    return Files.exists(output) ? output + " is as it was" : output + " is not written";
  }

  /** Removes what was written unless it was kept. */
  @Override
  public synchronized void close() throws IOException {
    if (!written.equals(output)) {
      Files.deleteIfExists(written);
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException ending) {
        // The hook finds nothing.
      }
    }
  }

  /** Whoever writes on writes to a file without a name. */
  private synchronized void onShutdown() {
    ended = true;
    try {
      Files.deleteIfExists(written);
    } catch (IOException e) {
      System.err.println("unfreed: " + RecordingException.reason(e));
    }
  }

  private static Path beside(Path output) {
    return FileNames.beside(output, "", "." + ProcessHandle.current().pid() + ".part");
  }
}
