package io.unfreed.bpf.trace;

import io.unfreed.bpf.ring.StackCursor;
import io.unfreed.bpf.symbols.KernelData;
import io.unfreed.bpf.symbols.KernelSymbols;
import io.unfreed.bpf.symbols.ObjectSymbolCache;
import io.unfreed.bpf.symbols.ProcessSymbols;
import io.unfreed.bpf.symbols.ResolvedFrame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names of what the tracers count, looked up while the processes live: call {@link #look} now and
 * then. Used by one thread.
 */
public final class TraceNames implements AutoCloseable {
  private static final int SPIN = 1;
  private static final int READ = 2;
  private static final int WRITE = 4;
  private static final int RT = 8;
  private static final int PERCPU = 16;
  private static final int MUTEX = 32;

  private static final Map<Long, String> OPERATIONS =
      Map.of(
          0L,
          "read",
          1L,
          "write",
          2L,
          "flush",
          3L,
          "discard",
          5L,
          "secure erase",
          9L,
          "write zeroes",
          34L,
          "driver in",
          35L,
          "driver out");

  private record StackKey(boolean kernel, int tgid, int reference) {}

  private final TraceSession session;
  private final ObjectSymbolCache cache = new ObjectSymbolCache();
  private final Map<Integer, ProcessSymbols> processes = new HashMap<>();
  private final Map<StackKey, List<String>> stacks = new HashMap<>();
  private Optional<KernelSymbols> kernel = Optional.empty();
  private Optional<KernelData> data = Optional.empty();

  public TraceNames(TraceSession session) {
    this.session = session;
  }

  /** Looks up the stacks that are new. */
  public void look(TraceSnapshot snapshot) {
    for (TraceCell cell : snapshot.cells()) {
      switch (cell.kind()) {
        case KERNEL_LOCK, FUTEX, FILE_LOCK -> stack(cell);
        case CALL, IO_SERVED, IO_QUEUED -> {
          // These have no stacks.
        }
      }
    }
  }

  /** The frames of a wait, innermost first; empty when none could be taken. */
  public List<String> stack(TraceCell cell) {
    boolean inKernel = cell.kind() == TraceCell.Kind.KERNEL_LOCK;
    StackKey key = new StackKey(inKernel, inKernel ? 0 : cell.tgid(), cell.stack());
    return stacks.computeIfAbsent(key, k -> resolve(k, cell.tgid()));
  }

  private List<String> resolve(StackKey key, int tgid) {
    List<String> names = new ArrayList<>();
    for (long address : session.stack(key.reference())) {
      if (key.kernel()) {
        names.add(text(kernel().map(symbols -> symbols.resolve(address)), address));
      } else {
        ProcessSymbols symbols = processes.computeIfAbsent(tgid, t -> ProcessSymbols.of(t, cache));
        names.add(
            text(Optional.of(symbols.resolve(address, StackCursor.INODE_UNKNOWN, 0)), address));
      }
    }
    return List.copyOf(names);
  }

  private static String text(Optional<ResolvedFrame> frame, long address) {
    String module =
        frame.map(ResolvedFrame::module).map(m -> m.substring(m.lastIndexOf('/') + 1)).orElse(null);
    if (frame.isEmpty() || frame.get().names().isEmpty()) {
      return "0x" + Long.toHexString(address) + (module == null ? "" : " [" + module + "]");
    }
    String symbol = frame.get().names().getLast().symbol();
    return module == null || module.startsWith("[") ? symbol : symbol + " [" + module + "]";
  }

  private Optional<KernelSymbols> kernel() {
    if (kernel.isEmpty()) {
      try {
        kernel = Optional.of(KernelSymbols.read());
        data = Optional.of(KernelData.read());
      } catch (IOException unreadable) {
        return Optional.empty();
      }
    }
    return kernel;
  }

  /** A lock's symbol where it is a variable of the kernel, else its address. */
  public String lock(TraceCell cell) {
    String address = "0x" + Long.toHexString(cell.subject());
    return switch (cell.kind()) {
      case KERNEL_LOCK -> {
        kernel();
        yield data.flatMap(symbols -> symbols.name(cell.subject())).orElse(address);
      }
      case FILE_LOCK -> "descriptor " + cell.subject();
      case CALL, FUTEX, IO_SERVED, IO_QUEUED -> address;
    };
  }

  /** What kind of lock, as perf lock contention says it. */
  public static String lockType(TraceCell cell) {
    return switch (cell.kind()) {
      case FUTEX -> "futex";
      case FILE_LOCK -> "file lock";
      case KERNEL_LOCK -> kernelLockType(cell.lockFlags());
      case CALL, IO_SERVED, IO_QUEUED -> throw new IllegalArgumentException("no lock: " + cell);
    };
  }

  private static String kernelLockType(int flags) {
    if ((flags & MUTEX) != 0) {
      return "mutex";
    }
    if ((flags & RT) != 0) {
      return "rtmutex";
    }
    String mode = (flags & READ) != 0 ? ":R" : (flags & WRITE) != 0 ? ":W" : "";
    if ((flags & PERCPU) != 0) {
      return "pcpu-sem" + mode;
    }
    if ((flags & SPIN) != 0) {
      return mode.isEmpty() ? "spinlock" : "rwlock" + mode;
    }
    return mode.isEmpty() ? "semaphore" : "rwsem" + mode;
  }

  /** enum req_op (include/linux/blk_types.h). */
  public static String operation(long code) {
    return OPERATIONS.getOrDefault(code, "operation " + code);
  }

  @Override
  public void close() {
    cache.close();
  }
}
