package io.unfreed.cli.option;

import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.collector.symbols.DirectorySymbolizer;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.text.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How another tool's trace is read. */
public final class ImportOptionsMixin {
  @Option(
      names = "--lenient",
      description = "Count and skip malformed lines instead of stopping at the first.")
  private boolean lenient;

  @Option(
      names = "--symbols",
      paramLabel = "DIR",
      description = "Add names from the modules below DIR, which mirrors the target's root.")
  private Path symbols;

  private DirectorySymbolizer symbolizer;

  /** How files are read, and with whose symbols. */
  public ImportOptions options() {
    ImportOptions options = ImportOptions.defaults().withLenient(lenient);
    if (symbols == null) {
      return options;
    }
    if (!Files.isDirectory(symbols)) {
      throw new UsageException("--symbols " + symbols + ": not a directory");
    }
    symbolizer = symbolizer == null ? new DirectorySymbolizer(symbols) : symbolizer;
    return options.withSymbolizer(symbolizer);
  }

  /** Says on stderr what kept names from being better. */
  public void printNotes() {
    if (symbolizer != null) {
      symbolizer
          .limitations()
          .forEach(line -> System.err.println("unfreed: " + Printable.of(line)));
      symbolizer.close();
      symbolizer = null;
    }
  }
}
