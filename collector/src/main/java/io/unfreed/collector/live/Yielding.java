package io.unfreed.collector.live;

import io.unfreed.shim.NativeSide;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A thread that comes behind others where processors are scarce. What is recorded is not to wait
 * for its recorder: on two processors a cold JVM took a third of a program's time. Priority that an
 * ordinary user has given up cannot be had back, so work that has become urgent is done on another
 * thread.
 */
final class Yielding implements AutoCloseable {
  /** Next to others: a tenth of a processor. */
  private static final int READER_NICE = 10;

  /** A third: code that is not compiled reads slowly, for as long as that lasts. */
  private static final int COMPILER_NICE = 5;

  /** The launcher sets it: then the whole JVM is ours. */
  private static final String OWN_JVM = "unfreed.inherited";

  private final ExecutorService thread;

  /** Something to do. */
  interface Task<T> {
    T call() throws IOException;
  }

  Yielding(NativeSide machine) {
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("unfreed-reader").factory());
    thread.execute(() -> machine.lower(0, READER_NICE));
    if (System.getProperty(OWN_JVM) != null) {
      lowerCompilers(machine);
    }
  }

  private static void lowerCompilers(NativeSide machine) {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path each : threads) {
        if (Files.readString(each.resolve("comm")).matches("C[12] Compiler(?s).*")) {
          machine.lower(Integer.parseInt(each.getFileName().toString()), COMPILER_NICE);
        }
      }
    } catch (IOException ended) {
      // A compiler thread that was not needed any more.
    }
  }

  /** Does it on that thread, and waits for it. */
  <T> T call(Task<T> task) throws IOException {
    Future<T> result = thread.submit(task::call);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException rethrown(Throwable cause) {
    return switch (cause) {
      case IOException failed -> failed;
      case RuntimeException bug -> throw bug;
      case Error error -> throw error;
      default -> throw new AssertionError(cause);
    };
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
