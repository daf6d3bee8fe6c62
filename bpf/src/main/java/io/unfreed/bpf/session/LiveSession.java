package io.unfreed.bpf.session;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.MissingTracepointException;
import io.unfreed.bpf.ffi.BpfLink;
import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ring.RecordHandler;
import io.unfreed.bpf.ring.RingBuffer;
import io.unfreed.bpf.unwind.UnwindTables;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One recording. Open, attach, then one thread calls {@link #poll} again and again; at the end
 * {@link #detach}, poll until it returns 0, read {@link #counters}, {@link #close}. Whatever way
 * this process ends, the kernel removes everything and targets run on.
 */
public final class LiveSession implements AutoCloseable {
  private static final int WAIT_EXEC = 1;
  private static final int PAUSED = 2;
  private static final int RECORDING = 3;
  private static final long OBJECT_LOOKED_AT = 1;
  private static final int HOLDS_OFF = -1;
  private static final int HOLDS_OVER = 0;
  private static final long REMEMBER_AND_GO_ON = 1;
  private static final long GO_ON = 2;
  private static final int LIVE_KEY_BYTES = 16;
  private static final int LIVE_KEY_TGID = 8;
  private static final int LIVE_KEY_EXECS = 14;

  private final LiveSessionConfig config;
  private final BpfObject bpf;
  private final Attaching attaching;
  private final RingBuffer ring;
  private final BpfMap targets;
  private final List<BpfLink> tracepoints = new ArrayList<>();
  private final Probing probing;
  private final BpfMap holds;
  private final CoverageBook coverage = new CoverageBook();
  private final FollowUp followUp;
  private final Optional<UnwindTables> tables;

  private LiveSession(
      LiveSessionConfig config, BpfObject bpf, boolean kernel, Attaching attaching) {
    this.config = config;
    this.bpf = bpf;
    this.targets = bpf.map("targets");
    this.holds = bpf.map("holds");
    this.ring = RingBuffer.map(bpf.map("ring").fd(), config.bufferBytes());
    this.attaching = attaching;
    this.probing =
        switch (attaching) {
          case SHARED -> SharedProbing.open(bpf, config);
          case TOGETHER -> new OwnProbing(bpf, config, true);
          case SINGLY -> new OwnProbing(bpf, config, false);
          case NOTHING -> new CallProbing(bpf, config);
        };
    this.followUp = new FollowUp(this, coverage, config.followChildren());
    this.tables =
        kernel || !config.unwinds() ? Optional.empty() : Optional.of(UnwindTables.open(bpf));
  }

  /** Why no session can be opened on this machine, in one line; empty when one can be tried. */
  public static Optional<String> unavailable() {
    return CaptureProgram.unavailable();
  }

  /**
   * Loads the programs; nothing is recorded yet.
   *
   * @throws io.unfreed.bpf.BpfPermissionException naming the capability that is missing
   * @throws io.unfreed.bpf.BpfLoadException with the verifier's log
   */
  public static LiveSession open(LiveSessionConfig config) {
    return open(config, false);
  }

  /** As {@link #open(LiveSessionConfig)}, ready for {@link #attachKernel}. */
  public static LiveSession openForKernel(LiveSessionConfig config) {
    return open(config, true);
  }

  /** Why page faults cannot be recorded here, in one line; empty when they can be. */
  public static Optional<String> pageFaultsUnavailable() {
    return CaptureProgram.missingForPageFaults().map(MissingTracepointException::getMessage);
  }

  private static LiveSession open(LiveSessionConfig config, boolean kernel) {
    if (config.pageFaults()) {
      CaptureProgram.missingForPageFaults()
          .ifPresent(missing -> {
            throw missing;
          });
    }
    return open(config, kernel, kernel ? Attaching.SINGLY : Attaching.best(config));
  }

  /** With probes attached in one of the ways, or the next where the kernel has not that one. */
  static LiveSession open(LiveSessionConfig config, boolean kernel, Attaching attaching) {
    BpfObject bpf = CaptureProgram.load(config, kernel, attaching);
    LiveSession session = null;
    try {
      if (attaching == Attaching.TOGETHER && !bpf.canAttachTogether("call_enter")) {
        bpf.close();
        return open(config, kernel, Attaching.SINGLY);
      }
      session = new LiveSession(config, bpf, kernel, attaching);
      for (String program : CaptureProgram.PROCESS_PROGRAMS) {
        session.tracepoints.add(bpf.attach(program));
      }
      if (config.systemCalls()) {
        for (String program : CaptureProgram.CALL_PROGRAMS) {
          session.tracepoints.add(bpf.attach(program));
        }
      }
      if (config.pageFaults()) {
        session.tracepoints.add(bpf.attach(CaptureProgram.USER_FAULT));
      }
      return session;
    } catch (RuntimeException failed) {
      if (session == null) {
        bpf.close();
      } else {
        session.close();
      }
      throw failed;
    }
  }

  /**
   * Records a running process from now on.
   *
   * @throws NoSuchProcessException when it is not there (any more)
   */
  public AttachReport attach(int tgid) throws NoSuchProcessException {
    if (probing.has(tgid)) {
      throw new BpfException("process " + tgid + " is recorded already");
    }
    learn(tgid);
    targets.put(tgid, PAUSED);
    try {
      long began = ProcessAge.beganNanos(tgid);
      probing.begin(tgid);
      AttachReport report = probing.attachAnew(tgid);
      startRecording(tgid);
      coverage.running(tgid, began, report.sinceNanos());
      return report;
    } catch (AccessDeniedException refused) {
      forget(tgid);
      throw new BpfPermissionException("reading " + refused.getFile());
    } catch (IOException gone) {
      forget(tgid);
      throw new NoSuchProcessException(tgid);
    } catch (RuntimeException failed) {
      forget(tgid);
      throw failed;
    }
  }

  /**
   * Does what a recording does, up to the probes of a command that then never starts.
   *
   * @return how probes are attached here, in a few words
   * @throws BpfException saying what is not possible, in one line
   */
  public static String tryOut() throws IOException {
    try (LiveSession session = open(LiveSessionConfig.defaults())) {
      LaunchedCommand command = session.launch(List.of("/bin/sh"));
      command.abandon();
      List<String> probed = command.report().probed();
      if (probed.isEmpty()) {
        throw new BpfException("nothing could be probed: " + command.report().notes());
      }
      return session.attaching.description();
    }
  }

  /**
   * Starts a command that waits before its exec, with all its probes in place.
   *
   * @throws CommandNotFoundException when there is no such program
   */
  public LaunchedCommand launch(List<String> command) throws IOException {
    CommandObjects objects = CommandObjects.of(command.getFirst());
    tables.ifPresent(unwinding -> unwinding.learn(objects.files()));
    LaunchedCommand launched = LaunchedCommand.start(command, objects.files());
    int tgid = launched.tgid();
    try {
      targets.put(tgid, WAIT_EXEC);
      probing.begin(tgid);
      launched.report(probing.attachFiles(tgid, objects.files()));
      coverage.launched(tgid);
      return launched;
    } catch (RuntimeException failed) {
      launched.abandon();
      forget(tgid);
      throw failed;
    }
  }

  /**
   * Records the kernel's own allocations from now on, as process 0; for {@link #openForKernel}.
   *
   * @param percpu also per-CPU allocations
   * @param excludedTgids processes whose allocations are left out (never frees): the collector
   * @return the tracepoints this kernel has
   */
  public List<String> attachKernel(boolean percpu, Collection<Integer> excludedTgids) {
    BpfMap excluded = bpf.map("excluded");
    excludedTgids.forEach(tgid -> excluded.put(tgid, 1));
    Map<String, String> present = CaptureProgram.kernelPrograms(percpu);
    if (present.isEmpty()) {
      throw new BpfException("this kernel has no kmem tracepoints");
    }
    present.values().forEach(program -> tracepoints.add(bpf.attach(program)));
    bpf.map("kernel_state").put(0, 1);
    return List.copyOf(present.keySet());
  }

  /** Hands out up to {@code limit} records in order; 0 when none is ready. One thread. */
  public int poll(RecordHandler handler, int limit) {
    coverage.dropEnded();
    return ring.poll(followUp.around(handler), limit);
  }

  /**
   * From when on a process is seen, as far as known now; also while its exit is being handled.
   * Empty for a process that is not recorded.
   */
  public Optional<Coverage> coverage(int tgid) {
    return coverage.of(tgid);
  }

  /** What the way in which probes are attached here does not see, a phrase each. */
  public List<String> blindSpots() {
    return attaching == Attaching.TOGETHER
        ? List.of("what a vfork child allocates or frees before its exec (root's probes see it)")
        : List.of();
  }

  /** Bytes in the ring buffer, and how many it holds. */
  public long backlogBytes() {
    return ring.backlogBytes();
  }

  /** What was probed after the start: objects mapped later, children. Removes what it returns. */
  public List<AttachReport> takeLateReports() {
    return followUp.takeReports();
  }

  public CaptureCounters counters() {
    long[] values = bpf.map("counters").sumOverCpus(CaptureCounters.Counter.values().length);
    long misses = CaptureProgram.all().stream().mapToLong(bpf::recursionMisses).sum();
    return new CaptureCounters(values, misses);
  }

  /** Removes every probe; what is in the ring buffer stays to be polled. Idempotent. */
  public void detach() {
    followUp.close();
    if (!tracepoints.isEmpty()) {
      bpf.map("kernel_state").put(0, 0);
    }
    // Pause first: a sharp end, and exits whose enter probe went before them are no loss.
    probing.recorded().forEach(tgid -> setState(tgid, PAUSED, 0));
    holds.put(HOLDS_OVER, 1); // nobody answers any more
    probing.close();
    tracepoints.forEach(BpfLink::close);
    tracepoints.clear();
  }

  @Override
  public void close() {
    detach();
    tables.ifPresent(UnwindTables::close);
    ring.close();
    bpf.close();
  }

  /** Whether what is new holds its process, so that nobody need look after every change. */
  boolean isShared() {
    return !(probing instanceof OwnProbing);
  }

  /** The rules of what a process maps are there when this returns. */
  void learn(int tgid) {
    tables.ifPresent(unwinding -> unwinding.learn(tgid));
  }

  /** The same after an exec, where no linker's hook will hold the process for it. */
  void learnUnheld(int tgid) {
    if (config.systemCalls()) {
      learn(tgid);
    }
  }

  /** The rules of code for unwinding, if stacks are taken so. */
  public Optional<UnwindTables> unwindTables() {
    return tables;
  }

  /** The follow-up of a module change or an exec: new objects get their probes. */
  Optional<AttachReport> attachAgain(int tgid, boolean anew) {
    if (!probing.has(tgid)) {
      return Optional.empty();
    }
    learn(tgid);
    try {
      AttachReport report = anew ? probing.attachAnew(tgid) : probing.attachMapped(tgid);
      coverage.probed(tgid, report.sinceNanos());
      return Optional.of(report).filter(r -> !r.probed().isEmpty() || !r.notes().isEmpty());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** A child of a target that has no probes: the kernel side paused it until they are in place. */
  Optional<AttachReport> attachChild(int tgid) {
    try {
      probing.begin(tgid);
      learn(tgid);
      AttachReport report = probing.attachAnew(tgid);
      startRecording(tgid);
      coverage.probed(tgid, report.sinceNanos());
      return Optional.of(report);
    } catch (IOException gone) {
      forget(tgid);
      return Optional.empty();
    }
  }

  /** A process that its dynamic linker holds gets the probes of what is new, and goes on. */
  Optional<AttachReport> attachHeld(int tgid) {
    long answer = GO_ON;
    try {
      Optional<AttachReport> report = attachAgain(tgid, false);
      answer = REMEMBER_AND_GO_ON;
      return report;
    } finally {
      holds.replace(tgid, answer);
    }
  }

  /** An image that no linker of ours will hold, a static one above all: its next run is known. */
  Optional<AttachReport> attachUnseen(int tgid, byte[] program) {
    long before = System.nanoTime();
    Optional<AttachReport> report = attachAgain(tgid, true);
    if (coverage.isProbedSince(tgid, before)) {
      bpf.map("objects").put(program, OBJECT_LOOKED_AT);
    }
    return report;
  }

  /** A process waited in vain, so nobody waits any more: until now, when somebody answers again. */
  Optional<AttachReport> attachLetGo(int tgid) {
    holds.remove(HOLDS_OFF);
    return attachAgain(tgid, false);
  }

  /** A target has exited: its probes and its remembered blocks go. */
  void forget(int tgid) {
    probing.forget(tgid);
    targets.remove(tgid);
    forgetBlocks(tgid);
  }

  /** After an exec or exit the blocks of the old address space are gone. */
  void forgetBlocks(int tgid) {
    if (config.isFiltered()) {
      OptionalLong target = targets.get(tgid);
      int execs = target.isPresent() ? (int) (target.getAsLong() >>> 16 & 0xffff) : -1;
      bpf.map("live")
          .removeWhere(
              LIVE_KEY_BYTES,
              key ->
                  key.get(JAVA_INT, LIVE_KEY_TGID) == tgid
                      && Short.toUnsignedInt(key.get(JAVA_SHORT, LIVE_KEY_EXECS)) != execs);
    }
  }

  /** PAUSED to RECORDING unless it has exited; a generation higher, for nothing was keyed yet. */
  private void startRecording(int tgid) {
    setState(tgid, RECORDING, 1);
  }

  private void setState(int tgid, int state, int moreGenerations) {
    targets
        .get(tgid)
        .ifPresent(value -> {
          long execs = value & 0xffff0000L;
          long generation = (value >>> 32) + moreGenerations;
          targets.put(tgid, generation << 32 | execs | state);
        });
  }
}
