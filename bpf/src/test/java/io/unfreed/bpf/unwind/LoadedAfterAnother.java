package io.unfreed.bpf.unwind;

import io.unfreed.bpf.ffi.MemoryFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that loads a library as the collector does its own, and then the builder of rules. */
final class LoadedAfterAnother {
  private LoadedAfterAnother() {}

  public static void main(String[] arguments) throws IOException {
    byte[] library = Files.readAllBytes(Path.of(arguments[0]));
    try (MemoryFile file = MemoryFile.holding("other", library)) {
      SymbolLookup.libraryLookup(file.path().toString(), Arena.global()).findOrThrow("other");
    }
    System.exit(TableBuilder.load().isPresent() ? 0 : 1);
  }
}
