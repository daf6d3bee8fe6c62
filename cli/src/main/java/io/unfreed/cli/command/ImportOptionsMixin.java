package io.unfreed.cli.command;

import io.unfreed.collector.importer.ImportOptions;
import picocli.CommandLine.Option;

/** How another tool's trace is read. */
final class ImportOptionsMixin {
  @Option(
      names = "--lenient",
      description = "Count and skip malformed lines instead of stopping at the first.")
  private boolean lenient;

  ImportOptions options() {
    return ImportOptions.defaults().withLenient(lenient);
  }
}
