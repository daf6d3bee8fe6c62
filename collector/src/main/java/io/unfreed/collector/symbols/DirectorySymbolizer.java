package io.unfreed.collector.symbols;

import io.unfreed.bpf.symbols.ObjectSymbols;
import io.unfreed.collector.importer.Symbolizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks modules up below a directory that mirrors the target's root, as {@code --symbols DIR} asks.
 * Adds names only: identity never depends on local files. Whether a file there is the one that was
 * recorded cannot be told when the recording has no build ids. Not thread-safe.
 */
public final class DirectorySymbolizer implements Symbolizer, AutoCloseable {
  private final Path root;
  private final Map<String, ObjectSymbols> modules = new HashMap<>();
  private final Set<String> limitations = new LinkedHashSet<>();

  /** Modules are found at {@code root} plus their recorded path. */
  public DirectorySymbolizer(Path root) {
    this.root = root;
  }

  @Override
  public List<SourceFrame> frames(String module, long address) {
    ObjectSymbols symbols = modules.computeIfAbsent(module, this::open);
    return symbols == null
        ? List.of()
        : symbols.lookup(address).stream()
            .map(f -> new SourceFrame(f.symbol(), f.offsetBytes(), f.file(), f.line(), f.inlined()))
            .toList();
  }

  /** What kept names from being better, one line each. */
  public Set<String> limitations() {
    return limitations;
  }

  @Override
  public void close() {
    modules.values().stream().filter(s -> s != null).forEach(ObjectSymbols::close);
    modules.clear();
  }

  private ObjectSymbols open(String module) {
    Path file = root.resolve(module.startsWith("/") ? module.substring(1) : module);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      ObjectSymbols symbols = ObjectSymbols.open(file);
      symbols.limitation().ifPresent(limitations::add);
      return symbols;
    } catch (IOException e) {
      limitations.add(file + ": no symbols: " + e.getMessage());
      return null;
    }
  }
}
