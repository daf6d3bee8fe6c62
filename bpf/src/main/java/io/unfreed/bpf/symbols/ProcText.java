package io.unfreed.bpf.symbols;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Texts of proc(5) about processes. They have names in them, which may be any bytes, and which the
 * kernel cuts behind 15 of them, in the middle of a letter if need be.
 */
public final class ProcText {
  private ProcText() {}

  /** What is no UTF-8 is the replacement character. */
  public static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** The same by lines. */
  public static List<String> lines(Path file) throws IOException {
    return read(file).lines().toList();
  }
}
