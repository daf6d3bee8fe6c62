package io.unfreed.collector.live;

import io.unfreed.shim.NativeSide;
import io.unfreed.shim.ShimLibrary;
import io.unfreed.shim.arena.SharedArena;
import io.unfreed.shim.inject.Injection;
import io.unfreed.shim.inject.InjectionRefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Running processes into which the library is loaded. */
final class ShimProcesses implements ShimTarget {
  /** How the target names the memory that it makes for us. */
  private static final String MAPPING = "memfd:unfreed-arena";

  private final List<Integer> tgids;
  private final LivePlan plan;
  private final List<Injection> injections = new ArrayList<>();

  ShimProcesses(LiveTarget.Processes processes, LivePlan plan) {
    this.tgids = processes.tgids();
    this.plan = plan;
  }

  @Override
  public List<Integer> begin(NativeSide machine, SessionFacts facts, Sources sources)
      throws IOException {
    byte[] library = ShimLibrary.bytes();
    for (int tgid : tgids) {
      try {
        injections.add(
            Injection.into(tgid, library, fd -> sources.add(memory(machine, fd, tgid), MAPPING)));
      } catch (InjectionRefusedException e) {
        throw new IOException(e.getMessage(), e);
      }
      facts.note("the recording library, loaded into process " + tgid);
    }
    return tgids;
  }

  private SharedArena memory(NativeSide machine, int fd, int tgid) throws IOException {
    SharedArena arena =
        SharedArena.over(
            machine,
            machine.duplicate(fd),
            plan.shim().settings(plan.config().followChildren(), true));
    arena.rootTgid(ProcessFacts.ownTgid(tgid));
    return arena;
  }

  @Override
  public void release() {
    // They run.
  }

  @Override
  public int awaitCommand() {
    throw new IllegalStateException("no command was started");
  }

  @Override
  public Life life() {
    return Life.KNOWN_BY_LANES;
  }

  @Override
  public void detach(SessionFacts facts) {
    for (Injection injection : injections) {
      try {
        injection.detach();
      } catch (InjectionRefusedException e) {
        facts.complain(e.getMessage() + "; the hooks stay in it, idle");
      }
    }
    injections.clear();
  }

  @Override
  public void neverRegistered(ShimLanes lanes) {
    // Loading it tells.
  }

  @Override
  public void abandon(SessionFacts facts) {
    detach(facts);
  }

  @Override
  public void close() {
    // The memory goes with its source.
  }
}
