package io.unfreed.collector.live;

import io.unfreed.shim.NativeSide;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What can wait stands back for what is recorded: on two processors the JVM's compilers took a
 * fifth of a short program's time, and naming its stacks a tenth. Not the thread that empties the
 * rings: behind full ones the program waits.
 */
final class BackgroundPriority {
  /** Half as much as others get, and not less: code that is not compiled reads slowly. */
  private static final int COMPILERS_NICE = 3;

  private static final int WRITER_NICE = 5;

  /** A tenth of what others get; who finds too much waiting there does it itself. */
  private static final int OUTBOX_NICE = 10;

  /** The launcher sets it: then the whole JVM is ours. */
  private static final String OWN_JVM = "unfreed.launched";

  private BackgroundPriority() {}

  /** There may be no way back. */
  static void lower(NativeSide machine) {
    if (System.getProperty(OWN_JVM) == null) {
      return;
    }
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path each : threads) {
        lower(machine, each);
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      // It is only a courtesy.
    }
  }

  private static void lower(NativeSide machine, Path thread) {
    try {
      int nice = nice(Files.readString(thread.resolve("comm")).strip());
      if (nice > 0) {
        machine.lower(Integer.parseInt(thread.getFileName().toString()), nice);
      }
    } catch (IOException ended) {
      // A compiler thread that was not needed any more.
    }
  }

  /** By what the kernel keeps of a thread's name. */
  private static int nice(String name) {
    if (name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler")) {
      return COMPILERS_NICE;
    }
    return switch (name) {
      case "unfreed-outbox" -> OUTBOX_NICE;
      case "capture-writer" -> WRITER_NICE;
      default -> 0;
    };
  }
}
