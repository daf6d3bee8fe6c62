package io.unfreed.collector.live;

import io.unfreed.bpf.session.CommandObjects;
import io.unfreed.bpf.session.LaunchedCommand;
import io.unfreed.shim.NativeSide;
import io.unfreed.shim.RingDirectory;
import io.unfreed.shim.arena.SharedArena;
import java.io.IOException;
import java.util.List;

/** A command that preloads the library. */
final class ShimCommand implements ShimTarget {
  private final List<String> words;
  private final RingDirectory directory;
  private final SharedArena arena;
  private LaunchedCommand command;
  private boolean released;

  private ShimCommand(List<String> words, RingDirectory directory, SharedArena arena) {
    this.words = words;
    this.directory = directory;
    this.arena = arena;
  }

  /** Makes the shared memory. */
  static ShimCommand prepare(NativeSide machine, LiveTarget.Program program, LivePlan plan)
      throws IOException {
    RingDirectory directory = RingDirectory.make(machine);
    try {
      SharedArena arena =
          directory.arena(machine, plan.shim().settings(plan.config().followChildren(), false));
      return new ShimCommand(program.command(), directory, arena);
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  @Override
  public List<Integer> begin(NativeSide machine, SessionFacts facts, Sources sources)
      throws IOException {
    CommandObjects objects = CommandObjects.of(words.getFirst());
    command = LaunchedCommand.start(words, objects.files(), directory.environment());
    arena.rootTgid(command.tgid());
    sources.add(arena, directory.arenaFile().toString());
    facts.note("the recording library, preloaded");
    return List.of(command.tgid());
  }

  @Override
  public void release() {
    command.release();
    released = true;
  }

  @Override
  public int awaitCommand() {
    return command.waitFor();
  }

  @Override
  public Life life() {
    boolean runs =
        ProcessFacts.runs(
            command.tgid(), ProcessFacts.startNanos(command.tgid()).orElse(Long.MIN_VALUE));
    return runs ? Life.RUNS : Life.ENDED;
  }

  @Override
  public void detach(SessionFacts facts) {
    // Its hooks see that the recording is over.
  }

  @Override
  public void neverRegistered(ShimLanes lanes) {
    if (life() == Life.ENDED) {
      lanes.neverRegistered(command.tgid(), String.join(" ", words));
    }
  }

  @Override
  public void abandon(SessionFacts facts) {
    if (command != null && !released) {
      command.abandon();
    }
  }

  @Override
  public void close() {
    arena.close();
    directory.close();
  }
}
