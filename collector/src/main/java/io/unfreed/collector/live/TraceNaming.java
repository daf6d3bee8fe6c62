package io.unfreed.collector.live;

import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.trace.MemoryTrend;
import io.unfreed.bpf.trace.TraceCell;
import io.unfreed.bpf.trace.TraceNames;
import io.unfreed.bpf.trace.TraceSnapshot;
import io.unfreed.bpf.trace.WaitingCode;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.StackHash;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names of what a tracer counts, looked up while the processes live. A stack that is new is kept
 * until it is taken, to go out before the first row that refers to it. Used by one thread.
 */
final class TraceNaming implements TraceStatements.Names, AutoCloseable {
  private static final int MINOR_BITS = 20;
  private static final long MINOR = (1L << MINOR_BITS) - 1;

  private record StackKey(int tgid, int reference) {}

  private final TraceNames names;
  private final MemoryTrend trend;
  private final StackHasher hasher = new StackHasher();
  private final StackNames frames = new StackNames();
  private final Map<StackKey, StackHash> stacks = new HashMap<>();
  private final Set<StackId> known = new HashSet<>();
  private final List<CallStack> fresh = new ArrayList<>();
  private final Map<Incomplete, Long> incomplete = new EnumMap<>(Incomplete.class);
  private final Map<Long, String> devices = new HashMap<>();
  private final Map<Long, String> kernelLocks = new HashMap<>();

  TraceNaming(TraceNames names, MemoryTrend trend) {
    this.names = names;
    this.trend = trend;
  }

  /** Looks up the stacks that are new. */
  void look(TraceSnapshot snapshot) {
    snapshot.cells().forEach(this::stack);
  }

  /** Distinct stacks that are not whole, by the reason that was met first. */
  Map<Incomplete, Long> incomplete() {
    return incomplete;
  }

  /** Stacks that nobody took before. */
  List<CallStack> takeFresh() {
    List<CallStack> taken = List.copyOf(fresh);
    fresh.clear();
    return taken;
  }

  @Override
  public StackHash stack(TraceCell cell) {
    return switch (cell.kind()) {
      case KERNEL_LOCK -> stacks.computeIfAbsent(new StackKey(0, cell.stack()), key -> add(cell));
      case FUTEX, FILE_LOCK ->
          stacks.computeIfAbsent(new StackKey(cell.tgid(), cell.stack()), key -> add(cell));
      case CALL, IO_SERVED, IO_QUEUED -> null;
    };
  }

  /** What is not there yet is not remembered, so that it is asked for again. */
  private StackHash add(TraceCell cell) {
    return names.stack(cell).map(this::add).orElse(null);
  }

  private StackHash add(WaitingCode waiting) {
    List<CodeLocation> code = new ArrayList<>(waiting.frames());
    waiting.incomplete().ifPresent(why -> code.add(IncompleteFrame.LOCATION));
    StackId id = hasher.hash(code.stream().map(LiveStacks::key).toList());
    if (known.add(id)) {
      waiting.incomplete().ifPresent(why -> incomplete.merge(why, 1L, Long::sum));
      fresh.add(frames.callStack(id, code));
    }
    return id.toHash();
  }

  @Override
  public String name(TraceCell.Kind kind, long subject) {
    return switch (kind) {
      case KERNEL_LOCK ->
          kernelLocks.computeIfAbsent(subject, lock -> names.kernelLock(lock).orElse(null));
      case IO_SERVED, IO_QUEUED -> devices.computeIfAbsent(subject, TraceNaming::device);
      case CALL, FUTEX, FILE_LOCK -> null;
    };
  }

  /** As /sys/dev/block links it; its numbers when it is gone. */
  private static String device(long device) {
    String numbers = (device >>> MINOR_BITS) + ":" + (device & MINOR);
    try {
      return Files.readSymbolicLink(Path.of("/sys/dev/block/" + numbers)).getFileName().toString();
    } catch (IOException gone) {
      return numbers;
    }
  }

  @Override
  public int rises(int tgid) {
    return trend.rises(tgid);
  }

  @Override
  public void close() {
    names.close();
  }
}
