package io.unfreed.shim.inject;

import io.unfreed.bpf.ffi.Errno;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * ptrace binds a traced thread to the thread that seized it: one injection, one platform thread.
 */
final class TracerThread {
  /** What is done on it. */
  interface Task {
    void run() throws IOException, InjectionRefusedException;
  }

  private TracerThread() {}

  /** Runs it to its end, which the task itself bounds, interrupted or not. */
  static void run(TargetProcess process, Task task) throws InjectionRefusedException {
    Throwable[] failure = new Throwable[1];
    Thread thread =
        Thread.ofPlatform()
            .name("unfreed-ptrace")
            .daemon()
            .start(() -> {
              try {
                task.run();
              } catch (Throwable failed) {
                failure[0] = failed;
              }
            });
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    rethrow(process, failure[0]);
  }

  private static void rethrow(TargetProcess process, Throwable failure)
      throws InjectionRefusedException {
    String who = "process " + process.tgid() + " (" + process.command() + "): ";
    switch (failure) {
      case null -> {}
      case InjectionRefusedException refused ->
          throw new InjectionRefusedException(who + refused.getMessage(), refused);
      case NoSuchFileException gone ->
          throw new InjectionRefusedException(who + "it ended meanwhile", gone);
      case Tracee.PtraceException gone when gone.errno() == Errno.ESRCH ->
          throw new InjectionRefusedException(who + "it ended meanwhile", gone);
      case IOException failed ->
          throw new InjectionRefusedException(who + failed.getMessage(), failed);
      case RuntimeException bug -> throw bug;
      case Error error -> throw error;
      default -> throw new AssertionError(failure);
    }
  }
}
