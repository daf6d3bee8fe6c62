package io.unfreed.cli.live;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.session.CommandNotFoundException;
import io.unfreed.bpf.session.LiveSession;
import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.PrivilegeException;
import io.unfreed.cli.option.Terminals;
import io.unfreed.collector.live.Ending;
import io.unfreed.collector.live.LivePlan;
import io.unfreed.collector.live.LiveRecording;
import io.unfreed.collector.live.LiveTarget;
import io.unfreed.collector.live.MarkListener;
import io.unfreed.collector.live.Recorder;
import io.unfreed.collector.live.ShimRecording;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.FailedException;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One live recording from its command line's point of view: what is said, and the exit code. */
public final class LiveRunner implements AutoCloseable {
  private static final long SIGNALLED_COMMAND_MILLIS = 1000;

  private final LivePlan plan;
  private final LiveExit exit;
  private final Recorder recording;
  private final PrintStream err = System.err;
  private CompletableFuture<Integer> commandStatus;
  private String loss;

  private LiveRunner(LivePlan plan, LiveExit exit, Recorder recording) {
    this.plan = plan;
    this.exit = exit;
    this.recording = recording;
  }

  /** Makes ready what sees the calls, or says in one line why that cannot be. */
  public static LiveRunner open(LivePlan plan, LiveExit exit, ProbeWay way) throws IOException {
    ProbeWay.Choice choice = choose(plan, way);
    if (choice.reason() != null) {
      System.err.println("unfreed: " + choice.reason());
    }
    Recorder recording = choice.shim() ? ShimRecording.open(plan) : openProbes(plan);
    return new LiveRunner(plan, exit, recording);
  }

  /** A command that is not there is told when it would be started. */
  private static ProbeWay.Choice choose(LivePlan plan, ProbeWay way) throws IOException {
    try {
      return way.choose(plan);
    } catch (CommandNotFoundException e) {
      return new ProbeWay.Choice(way != ProbeWay.UPROBE, null);
    }
  }

  /** Loads the kernel side. */
  private static Recorder openProbes(LivePlan plan) {
    return KernelSide.open(
        LiveSession.unavailable(),
        () -> "recording needs " + String.join(", ", BpfPermissionException.missingCapabilities()),
        () -> LiveRecording.open(plan));
  }

  private boolean isCommand() {
    return plan.target() instanceof LiveTarget.Program;
  }

  /**
   * Attaches, says so, and lets a command run. False when the command was not found, which is told.
   *
   * @param ready written when recording has begun; null for none
   */
  public boolean start(RecordingSink sink, long flushNanos, ReadyFile ready) throws IOException {
    try {
      recording.start(sink, flushNanos, (session, tgids) -> begun(session, tgids, ready));
    } catch (CommandNotFoundException e) {
      err.println("unfreed: " + Printable.of(e.getMessage()));
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
    }
    exit.onSignal(recording::stop);
    return true;
  }

  /** Says that recording has begun; beside a command, which owns stderr, only by the file. */
  private void begun(Session session, List<Integer> tgids, ReadyFile ready) {
    if (ready != null) {
      ready.write(session.getSessionId(), tgids);
    }
    if (!isCommand()) {
      boolean watched = Terminals.isErrTerminal();
      if (watched) {
        recording.notes().forEach(note -> err.println("unfreed: " + Printable.of(note)));
      }
      String line = BeginLine.of(plan.target(), session);
      err.println("unfreed: " + Printable.of(line) + (watched ? "; Ctrl-C ends it" : ""));
    }
  }

  /** What records. */
  public Recorder recording() {
    return recording;
  }

  /** Records until it is over. */
  public Ending run() throws IOException {
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

  /**
   * Says what was recorded and what was lost. A command owns stderr: beside one only losses are
   * told, and only when it has ended ({@link #exitCode()}).
   */
  public void tell(Ending ending, String where) {
    loss = LossAdvice.of(ending, plan.config().bufferBytes());
    if (!isCommand()) {
      err.println("unfreed: recorded " + ending.received() + " events to " + where);
      String stacks = StackAdvice.of(ending);
      if (stacks != null) {
        err.println("unfreed: " + stacks);
      }
      tellLoss();
    }
  }

  private void tellLoss() {
    if (loss != null) {
      err.println("unfreed: " + loss);
      loss = null;
    }
  }

  /** The exit code when all went well: that of the command, if there was one. */
  public int exitCode() {
    try {
      return commandStatus == null ? ExitCodes.OK : awaitCommand();
    } finally {
      tellLoss();
    }
  }

  private int awaitCommand() {
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
  public int exitCode(Exception failure) throws Exception {
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
