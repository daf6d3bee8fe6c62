package io.unfreed.cli.live;

import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.session.CommandObjects;
import io.unfreed.bpf.session.LiveSession;
import io.unfreed.bpf.session.PidNamespace;
import io.unfreed.collector.live.LivePlan;
import io.unfreed.collector.live.LiveTarget;
import io.unfreed.query.FailedException;
import io.unfreed.query.UsageException;
import io.unfreed.shim.ShimFitness;
import io.unfreed.shim.ShimLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How the calls are seen: by a library in the process, or by probes of the kernel. */
public enum ProbeWay {
  AUTO,
  SHIM,
  UPROBE;

  /**
   * The way to take, and why it is not the other one.
   *
   * @param reason a line for the user; null when nothing needs to be said
   */
  record Choice(boolean shim, String reason) {
    private static final Choice SHIM = new Choice(true, null);
    private static final Choice PROBES = new Choice(false, null);
  }

  /** Chooses for a recording. */
  Choice choose(LivePlan plan) throws IOException {
    if (plan.config().systemCalls()) {
      refuseIf(this == SHIM, "--syscalls goes with probes only");
      refuseIf(plan.shim().freeStacks(), "--free-stacks needs --probe shim");
      return Choice.PROBES;
    }
    boolean forProbes =
        !plan.config().objects().isEmpty() || !plan.config().symbolsPrefix().isEmpty();
    return switch (this) {
      case UPROBE -> {
        refuseIf(plan.shim().freeStacks(), "--free-stacks needs --probe shim");
        yield Choice.PROBES;
      }
      case SHIM -> {
        refuseIf(
            forProbes, "--object and --symbols-prefix say what to probe: not with --probe shim");
        refuseIf(plan.target() instanceof LiveTarget.Kernel, "--kernel goes with probes only");
        yield asked(plan);
      }
      case AUTO -> auto(plan, forProbes);
    };
  }

  private static void refuseIf(boolean wrong, String line) {
    if (wrong) {
      throw new UsageException(line);
    }
  }

  private static Choice asked(LivePlan plan) throws IOException {
    Optional<String> obstacle = obstacle(plan);
    if (obstacle.isPresent() && !obstacle.get().endsWith("defines malloc itself")) {
      throw new FailedException("--probe shim: " + obstacle.get());
    }
    return obstacle
        .map(o -> new Choice(true, o + ": only what it takes from others is seen"))
        .orElse(Choice.SHIM);
  }

  private static Choice auto(LivePlan plan, boolean forProbes) throws IOException {
    if (plan.target() instanceof LiveTarget.Processes && !forProbes && !canProbe()) {
      return obstacle(plan).isPresent() ? Choice.PROBES : Choice.SHIM;
    }
    if (forProbes || !(plan.target() instanceof LiveTarget.Program)) {
      return Choice.PROBES;
    }
    Optional<String> obstacle = obstacle(plan);
    if (obstacle.isEmpty()) {
      return Choice.SHIM;
    }
    if (obstacle.get().endsWith("defines malloc itself") && !canProbe()) {
      return new Choice(true, obstacle.get() + ": only what it takes from others is seen");
    }
    return new Choice(false, "recording by probes: " + obstacle.get());
  }

  private static Optional<String> obstacle(LivePlan plan) throws IOException {
    if (!(plan.target() instanceof LiveTarget.Program program)) {
      return ShimLibrary.unavailable();
    }
    List<Path> files = CommandObjects.of(program.command().getFirst()).files();
    return ShimFitness.obstacle(files);
  }

  private static boolean canProbe() {
    return LiveSession.unavailable().isEmpty()
        && !BpfPermissionException.forbidsAll()
        && !PidNamespace.isForeign();
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
