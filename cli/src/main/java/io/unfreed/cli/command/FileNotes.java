package io.unfreed.cli.command;

import io.unfreed.collector.importer.ImportResult;
import io.unfreed.query.FailedException;
import io.unfreed.schemas.text.Printable;
import java.io.PrintStream;
import java.nio.file.Path;

/** What is said on stderr about a file that was read: damage and skipped lines, one line each. */
final class FileNotes {
  private FileNotes() {}

  /**
   * Says it.
   *
   * @throws FailedException when nothing could be read
   */
  static void print(Path file, ImportResult result, PrintStream err) {
    if (result.skippedLines() > 0) {
      err.println(
          "unfreed: "
              + Printable.of(file.toString())
              + ": "
              + result.skippedLines()
              + " malformed lines skipped, the first: "
              + Printable.of(result.firstSkipped()));
    }
    if (result.isNothing()) {
      throw new FailedException(result.damage().line());
    }
    if (result.damage() != null) {
      err.println("unfreed: " + Printable.of(result.damage().line()));
    }
  }
}
