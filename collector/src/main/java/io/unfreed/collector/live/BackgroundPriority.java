package io.unfreed.collector.live;

import io.unfreed.shim.NativeSide;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The JVM's compilers stand back a little for what is recorded: on two processors they took a fifth
 * of a short program's time. Half as much as others get, and not less: code that is not compiled
 * reads slowly, for as long as that lasts.
 */
final class CompilerPriority {
  private static final int NICE = 3;

  /** The launcher sets it: then the whole JVM is ours. */
  private static final String OWN_JVM = "unfreed.launched";

  private CompilerPriority() {}

  /** There may be no way back. */
  static void lower(NativeSide machine) {
    if (System.getProperty(OWN_JVM) == null) {
      return;
    }
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path each : threads) {
        if (Files.readString(each.resolve("comm")).matches("C[12] Compiler(?s).*")) {
          machine.lower(Integer.parseInt(each.getFileName().toString()), NICE);
        }
      }
    } catch (IOException ended) {
      // A compiler thread that was not needed any more.
    }
  }
}
