package io.unfreed.cli.command;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfLoadException;
import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.session.CommandNotFoundException;
import io.unfreed.bpf.session.LiveSession;
import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.FailedException;
import io.unfreed.cli.PrivilegeException;
import io.unfreed.collector.live.Ending;
import io.unfreed.collector.live.LivePlan;
import io.unfreed.collector.live.LiveRecording;
import io.unfreed.collector.live.LiveTarget;
import io.unfreed.collector.live.MarkListener;
import io.unfreed.collector.sink.RecordingSink;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One live recording from its command line's point of view: what is said, and the exit code. */
final class LiveRunner implements AutoCloseable {
  private static final long SIGNALLED_COMMAND_MILLIS = 1000;

  private final LivePlan plan;
  private final LiveExit exit;
  private final LiveRecording recording;
  private final PrintStream err = System.err;
  private CompletableFuture<Integer> commandStatus;

  private LiveRunner(LivePlan plan, LiveExit exit, LiveRecording recording) {
    this.plan = plan;
    this.exit = exit;
    this.recording = recording;
  }

  /** Loads the kernel side, or says in one line why that cannot be. */
  static LiveRunner open(LivePlan plan, LiveExit exit) {
    LiveSession.unavailable()
        .ifPresent(why -> {
          throw new PrivilegeException(why);
        });
    List<String> missing = BpfPermissionException.missingCapabilities();
    if (!missing.isEmpty()) {
      throw new PrivilegeException(
          "recording needs " + String.join(", ", missing) + ": run as root, or see unfreed doctor");
    }
    if (!Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"))) {
      throw new PrivilegeException(
          "this kernel has no BTF (/sys/kernel/btf/vmlinux): see unfreed doctor");
    }
    try {
      return new LiveRunner(plan, exit, LiveRecording.open(plan));
    } catch (BpfPermissionException | BpfLoadException e) {
      throw new PrivilegeException(e.getMessage());
    } catch (BpfException e) {
      throw new FailedException(e.getMessage(), e);
    }
  }

  private boolean isCommand() {
    return plan.target() instanceof LiveTarget.Program;
  }

  /** Attaches, and lets a command run. False when the command was not found, which is told. */
  boolean start(RecordingSink sink, long flushNanos) throws IOException {
    try {
      recording.start(sink, flushNanos);
    } catch (CommandNotFoundException e) {
      err.println("unfreed: " + e.getMessage());
      return false;
    } catch (BpfPermissionException e) {
      throw new PrivilegeException(e.getMessage());
    } catch (BpfException e) {
      throw new FailedException(e.getMessage(), e);
    }
    if (isCommand()) {
      commandStatus = new CompletableFuture<>();
      Thread.ofPlatform()
          .daemon()
          .name("unfreed-command")
          .start(() -> commandStatus.complete(recording.awaitCommand()));
    } else if (Terminals.isErrTerminal()) {
      recording.notes().forEach(note -> err.println("unfreed: " + note));
      err.println(
          "unfreed: recording session " + recording.session().getSessionId() + "; Ctrl-C ends it");
    }
    exit.onSignal(recording::stop);
    return true;
  }

  LiveRecording recording() {
    return recording;
  }

  /** Records until it is over. */
  Ending run() throws IOException {
    try (MarkListener marks = listen()) {
      return recording.run();
    } catch (BpfException e) {
      throw new FailedException(e.getMessage(), e);
    }
  }

  private MarkListener listen() {
    try {
      return MarkListener.open(recording.session().getSessionId(), recording::mark);
    } catch (IOException e) {
      if (!isCommand()) {
        err.println("unfreed: this recording takes no marks: " + e.getMessage());
      }
      return null;
    }
  }

  /** Says what was recorded; a command owns stderr, so beside one nothing is said. */
  void tell(Ending ending, String where) {
    if (isCommand() || (ending.lost() == 0 && !Terminals.isErrTerminal())) {
      return;
    }
    String line = "unfreed: recorded " + ending.received() + " events to " + where;
    err.println(
        ending.lost() == 0
            ? line
            : line + "; " + ending.lost() + " of " + ending.produced() + " were lost");
  }

  /** The exit code when all went well: that of the command, if there was one. */
  int exitCode() {
    if (commandStatus == null) {
      return ExitCodes.OK;
    }
    try {
      return exit.isSignalled()
          ? commandStatus.get(SIGNALLED_COMMAND_MILLIS, TimeUnit.MILLISECONDS)
          : commandStatus.get();
    } catch (TimeoutException goesOn) {
      return ExitCodes.SIGNALLED;
    } catch (ExecutionException | InterruptedException e) {
      throw new FailedException("the command's end was not seen: " + e.getMessage(), e);
    }
  }

  /** The exit code of a failure, which is told: beside a started command, when that has ended. */
  int exitCode(Exception failure) throws Exception {
    if (commandStatus == null) {
      throw failure;
    }
    io.unfreed.cli.Failures.print(failure, new java.io.PrintWriter(err, true));
    exitCode();
    return ExitCodes.FAILED_BESIDE_COMMAND;
  }

  @Override
  public void close() {
    recording.close();
  }
}
