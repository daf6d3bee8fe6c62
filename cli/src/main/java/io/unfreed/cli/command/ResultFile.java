package io.unfreed.cli.command;

import io.unfreed.cli.FileNames;
import io.unfreed.collector.capture.RecordingException;
import io.unfreed.query.FailedException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file that an answer is written to. It is written under another name beside it and takes its own
 * when it is whole; a device or a pipe is written as it is. A signal removes what is not whole.
 *
 * @param force what is there may be overwritten
 */
record ResultFile(Path output, boolean force) {
  /** What is written. */
  interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** Refuses what would overwrite something. */
  void check() {
    if (Files.isDirectory(output)) {
      throw new FailedException(output + ": not written: it is a directory");
    }
    if (Files.exists(output) && !force) {
      throw new FailedException(
          output + ": not overwritten: it exists already, and --force was not given");
    }
  }

  /** Writes it whole or not at all. */
  void write(Content content) {
    check();
    boolean inPlace = Files.exists(output) && !Files.isRegularFile(output);
    Path written =
        inPlace
            ? output
            : FileNames.beside(output, "", "." + ProcessHandle.current().pid() + ".part");
    AtomicBoolean ended = new AtomicBoolean();
    Thread hook = new Thread(() -> end(written, ended), "unfreed-end-result");
    if (!inPlace) {
      Runtime.getRuntime().addShutdownHook(hook);
    }
    try {
      try (OutputStream out = new BufferedOutputStream(open(written, ended))) {
        content.write(out);
      }
      if (!inPlace) {
        CopyOption[] options =
            force ? new CopyOption[] {StandardCopyOption.REPLACE_EXISTING} : new CopyOption[0];
        Files.move(written, output, options);
      }
    } catch (IOException e) {
      throw new FailedException(
          output + ": cannot be written: " + RecordingException.reason(e) + "; nothing was kept",
          e);
    } finally {
      if (!inPlace) {
        delete(written);
        forget(hook);
      }
    }
  }

  /** Behind its removal nothing is made anew. */
  private static OutputStream open(Path written, AtomicBoolean ended) throws IOException {
    synchronized (ended) {
      if (ended.get()) {
        throw new IOException("ended by a signal");
      }
      return Files.newOutputStream(written);
    }
  }

  private static void end(Path written, AtomicBoolean ended) {
    synchronized (ended) {
      ended.set(true);
      delete(written);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook removes what is there.
    }
  }

  private static void delete(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      System.err.println(
          "unfreed: " + part + ": cannot be removed: " + RecordingException.reason(e));
    }
  }
}
