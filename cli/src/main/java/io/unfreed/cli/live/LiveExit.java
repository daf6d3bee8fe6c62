package io.unfreed.cli.live;

import io.unfreed.bpf.ffi.QuitSignal;
import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.Failures;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets a recording end in order when the process is told to end: SIGINT or SIGTERM asks it to stop,
 * waits until it has, and then the process ends with the recording's own exit code. SIGQUIT does
 * nothing.
 */
public final class LiveExit {
  private static final long PATIENCE_SECONDS = 60;

  private final CompletableFuture<Integer> status = new CompletableFuture<>();
  private final Thread hook = new Thread(this::onShutdown, "unfreed-end-recording");
  private volatile Runnable stop = () -> {};
  private volatile boolean signalled;

  /** Runs a command to its exit code; every failure is told here, before the process may end. */
  public int run(Callable<Integer> command) {
    Runtime.getRuntime().addShutdownHook(hook);
    QuitSignal.makeSilent();
    int code = ExitCodes.FAILED;
    try {
      code = command.call();
    } catch (Exception | Error e) {
      code = Failures.print(e, new PrintWriter(System.err, true));
      code = signalled && Failures.isTold(e) ? ExitCodes.SIGNALLED : code;
    } finally {
      status.complete(code);
      forgetHook();
    }
    return code;
  }

  private void forgetHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook has what it waits for.
    }
  }

  /** What asks the recording to stop. */
  public void onSignal(Runnable stopping) {
    stop = stopping;
    if (signalled) {
      stopping.run();
    }
  }

  /** Whether a signal has come. */
  public boolean isSignalled() {
    return signalled;
  }

  /** Blocks until the command has ended, for hooks that must come after it. */
  public void awaitEnd() {
    try {
      status.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // It will not end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void onShutdown() {
    signalled = true;
    stop.run();
    awaitEnd();
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(status.getNow(1));
  }
}
