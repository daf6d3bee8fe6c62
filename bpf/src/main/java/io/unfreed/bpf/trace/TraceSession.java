package io.unfreed.bpf.trace;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.MissingTracepointException;
import io.unfreed.bpf.ffi.BpfLink;
import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.MemoryMap;
import io.unfreed.bpf.session.BpfResource;
import io.unfreed.bpf.session.CaptureCounters;
import io.unfreed.bpf.unwind.UnwindTables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One tracer at work: counts in the kernel from {@link #open} to {@link #close}; a snapshot is
 * everything since then. Whatever way this process ends, the kernel removes everything.
 */
public final class TraceSession implements AutoCloseable {
  private static final int STACK_FRAMES = 127;
  private static final int STACKS_BYTES = 4 << 20;
  private static final int MOST_STACKS = 1 << 16;

  /** From so many rows on, those of processes that have exited are taken out of the kernel. */
  private static final int CROWDED = 1 << 12;

  private final Tracer tracer;
  private final BpfObject bpf;
  private final List<BpfLink> links = new ArrayList<>();
  private final EndedRows ended = new EndedRows();
  private Optional<UnwindTables> tables = Optional.empty();
  private Optional<UserStacks> userStacks = Optional.empty();

  private TraceSession(Tracer tracer, BpfObject bpf) {
    this.tracer = tracer;
    this.bpf = bpf;
  }

  /**
   * Loads and attaches a tracer.
   *
   * @throws MissingTracepointException when this kernel has not what it needs
   * @throws io.unfreed.bpf.BpfPermissionException naming the capability that is missing
   * @throws io.unfreed.bpf.BpfLoadException with the verifier's log
   */
  public static TraceSession open(TraceConfig config) {
    return open(config, MOST_STACKS);
  }

  /** As {@link #open(TraceConfig)}, with room for so many different stacks of user code. */
  static TraceSession open(TraceConfig config, int mostStacks) {
    Tracer tracer = config.tracer();
    List<String> missing = missing(tracer);
    if (!missing.isEmpty()) {
      throw new MissingTracepointException(missing);
    }
    TraceSession session = new TraceSession(tracer, BpfObject.open(BpfResource.TRACE.bytes()));
    try {
      session.load(config, mostStacks);
      session.beginStacks(config);
      tracer.programs().forEach(program -> session.links.add(session.bpf.attach(program)));
      return session;
    } catch (RuntimeException failed) {
      session.close();
      throw failed;
    }
  }

  /**
   * The tracepoints that a tracer needs and this kernel has not, as {@code lock:contention_begin}.
   */
  public static List<String> missing(Tracer tracer) {
    Set<String> there = BpfObject.kernelTracepoints(tracer.tracepoints());
    return tracer.tracepoints().stream()
        .filter(name -> !there.contains(name))
        .map(tracer::fullName)
        .toList();
  }

  private void load(TraceConfig config, int mostStacks) {
    for (Tracer other : Tracer.values()) {
      if (other != tracer) {
        other.programs().forEach(bpf::skip);
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(TraceLayout.CONFIG_BYTES, 8);
      value.set(JAVA_LONG, 0, config.minNanos());
      value.set(JAVA_LONG, 8, config.slowNanos());
      config
          .cgroup()
          .ifPresent(cgroup -> {
            value.set(JAVA_LONG, 16, cgroup.id());
            value.set(JAVA_INT, 24, cgroup.level());
          });
      value.set(JAVA_INT, 28, config.tgids().isEmpty() ? 0 : 1);
      value.set(JAVA_INT, 32, (int) ProcessHandle.current().pid());
      value.set(JAVA_INT, 36, Long.numberOfTrailingZeros(MemoryMap.pageBytes()));
      value.set(JAVA_INT, 40, unwinds() ? 1 : 0);
      bpf.setInitialValue(".rodata.config", value);
    }
    bpf.setMaxEntries("owners", tracer == Tracer.MEMORY ? 1 << 19 : 1);
    boolean stacks = tracer.hasStacks();
    bpf.setMaxEntries("kernel_stacks", stacks ? 1 << 14 : 1);
    bpf.setMaxEntries("stacks", stacks ? mostStacks : 1);
    bpf.setMaxEntries("ring", stacks ? STACKS_BYTES : (int) MemoryMap.pageBytes());
    bpf.setMaxEntries("code_changes", stacks ? 1 << 14 : 64);
    if (!unwinds()) {
      UnwindTables.leaveOut(bpf);
    }
    bpf.setMaxEntries("requests", tracer == Tracer.IO ? 1 << 16 : 1);
    bpf.load();
    BpfMap some = bpf.map("some");
    config.tgids().forEach(tgid -> some.put(tgid, 1));
  }

  boolean hasStacks() {
    return tracer.hasStacks();
  }

  /** Whether user stacks are taken by the rules of the code. */
  private boolean unwinds() {
    return tracer.hasStacks() && UnwindTables.arePossible();
  }

  private void beginStacks(TraceConfig config) {
    if (!tracer.hasStacks()) {
      return;
    }
    userStacks = Optional.of(UserStacks.of(bpf.map("ring"), STACKS_BYTES));
    if (unwinds()) {
      tables = Optional.of(UnwindTables.open(bpf));
      config.tgids().forEach(tables.get()::learn);
    }
  }

  /** All that was counted, now. */
  public TraceSnapshot snapshot() {
    TraceSnapshot now = counted();
    userStacks.ifPresent(UserStacks::read); // a row's stack was sent before the row was there
    return now;
  }

  private TraceSnapshot counted() {
    List<TraceCell> cells = cells();
    if (cells.size() > CROWDED && ended.hasRoom()) {
      takeEnded(cells);
      cells = cells();
    }
    Map<TraceSnapshot.ErrorKey, Map<Integer, Long>> errors = new HashMap<>();
    bpf.map("errors")
        .forEach(
            TraceLayout.ERROR_BYTES,
            Long.BYTES,
            (key, times) ->
                errors
                    .computeIfAbsent(
                        new TraceSnapshot.ErrorKey(key.get(JAVA_INT, 8), key.get(JAVA_LONG, 0)),
                        k -> new TreeMap<>())
                    .put(key.get(JAVA_INT, 12), times.get(JAVA_LONG, 0)));
    List<TraceMemory> memory = new ArrayList<>();
    bpf.map("memory")
        .forEach(
            Integer.BYTES,
            TraceLayout.MEMORY_BYTES,
            (key, value) -> memory.add(TraceLayout.memory(key, value)));
    ended.addTo(errors);
    return new TraceSnapshot(ended.with(cells), errors, memory, loss());
  }

  private List<TraceCell> cells() {
    List<TraceCell> cells = new ArrayList<>();
    bpf.map("cells")
        .forEach(
            TraceLayout.KEY_BYTES,
            TraceLayout.CELL_BYTES,
            (key, value) -> cells.add(TraceLayout.cell(key, value)));
    return cells;
  }

  /** Rows are cumulative: what is counted of a process while its rows go begins new ones. */
  private void takeEnded(List<TraceCell> cells) {
    Set<Integer> gone = new HashSet<>();
    cells.forEach(cell -> gone.add(cell.tgid()));
    gone.removeIf(tgid -> tgid == 0 || Files.exists(Path.of("/proc/" + tgid)));
    bpf.map("cells")
        .takeWhere(
            TraceLayout.KEY_BYTES,
            TraceLayout.CELL_BYTES,
            key -> gone.contains(key.get(JAVA_INT, 16)),
            (key, value) -> ended.add(TraceLayout.cell(key, value)));
    bpf.map("errors")
        .takeWhere(
            TraceLayout.ERROR_BYTES,
            Long.BYTES,
            key -> gone.contains(key.get(JAVA_INT, 8)),
            (key, times) ->
                ended.add(
                    new TraceSnapshot.ErrorKey(key.get(JAVA_INT, 8), key.get(JAVA_LONG, 0)),
                    key.get(JAVA_INT, 12),
                    times.get(JAVA_LONG, 0)));
  }

  private TraceSnapshot.Loss loss() {
    long[] counters = bpf.map("trace_counters").sumOverCpus(TraceLayout.COUNTERS);
    // What ran already is a lock taken by a program of ours, nothing of the user's.
    long skipped =
        tracer == Tracer.LOCKS
            ? 0
            : tracer.programs().stream().mapToLong(bpf::recursionMisses).sum();
    long stacks = hasStacks() ? lostStacks() : 0;
    return new TraceSnapshot.Loss(counters[0] + stacks, counters[1], counters[2], skipped);
  }

  /** Waits whose stacks found no place. */
  private long lostStacks() {
    long[] stacks = bpf.map("counters").sumOverCpus(CaptureCounters.Counter.values().length);
    return Stream.of(
            CaptureCounters.Counter.STATE_FAILED,
            CaptureCounters.Counter.STACK_SEND_FAILED,
            CaptureCounters.Counter.STACK_MAP_FULL)
        .mapToLong(counter -> stacks[counter.ordinal()])
        .sum();
  }

  /** Exact events since the last time, oldest first. */
  public List<TraceEvent> takeEvents() {
    List<TraceEvent> events = new ArrayList<>();
    bpf.map("events")
        .takeAll(TraceLayout.EVENT_BYTES, value -> events.add(TraceLayout.event(value)));
    return events;
  }

  /** What a reference to a stack of user code stands for; empty until it has come. */
  Optional<UserStack> userStack(int reference) {
    return userStacks.flatMap(stacks -> stacks.take(reference));
  }

  /** The rules of code for unwinding, if stacks are taken so. */
  public Optional<UnwindTables> unwindTables() {
    return tables;
  }

  /** Return addresses of a stack of the kernel, innermost first; none for an unknown one. */
  long[] kernelStack(int reference) {
    if (reference < 0) {
      return new long[0];
    }
    long[] frames = bpf.map("kernel_stacks").getLongs(reference, STACK_FRAMES);
    int depth = 0;
    while (depth < frames.length && frames[depth] != 0) {
      depth++;
    }
    return Arrays.copyOf(frames, depth);
  }

  @Override
  public void close() {
    // Begins first, so that nothing is left half counted.
    links.reversed().forEach(BpfLink::close);
    links.clear();
    tables.ifPresent(UnwindTables::close);
    userStacks.ifPresent(UserStacks::close);
    bpf.close();
  }
}
