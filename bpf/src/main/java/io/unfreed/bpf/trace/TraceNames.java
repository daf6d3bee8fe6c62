package io.unfreed.bpf.trace;

import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.symbols.KernelData;
import io.unfreed.bpf.symbols.KernelSymbols;
import io.unfreed.bpf.symbols.ObjectSymbolCache;
import io.unfreed.bpf.symbols.ProcessSymbols;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names of what the tracers count, as this host knows them: to be looked up while the processes
 * live. Used by one thread.
 */
public final class TraceNames implements AutoCloseable {
  private static final long REFRESH_NANOS = 1_000_000_000L;

  /** What others map is read anew when they wait again: a host has new processes all the time. */
  private static final int MOST_PROCESSES = 1024;

  private final TraceSession session;
  private final ObjectSymbolCache cache = new ObjectSymbolCache();
  private final Map<Integer, ProcessSymbols> processes = latest();
  private final Map<Integer, Long> refreshed = latest();
  private Optional<KernelSymbols> kernel = Optional.empty();
  private Optional<KernelData> data = Optional.empty();

  /**
   * For a session that has begun.
   *
   * @param tgids processes whose files are kept open from now on: they may end soon
   */
  public TraceNames(TraceSession session, List<Integer> tgids) {
    this.session = session;
    if (session.hasStacks()) {
      tgids.forEach(this::symbols);
    }
  }

  private static <T> Map<Integer, T> latest() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Integer, T> eldest) {
        return size() > MOST_PROCESSES;
      }
    };
  }

  /**
   * The code that waits. That of a process is told once: whoever asks keeps it.
   *
   * @return empty when it has not come from the kernel yet
   */
  public Optional<WaitingCode> stack(TraceCell cell) {
    if (cell.kind() == TraceCell.Kind.KERNEL_LOCK) {
      List<CodeLocation> code = new ArrayList<>();
      for (long address : session.kernelStack(cell.stack())) {
        code.add(inKernel(address));
      }
      return Optional.of(new WaitingCode(code, Optional.empty()));
    }
    return cell.stack() < 0
        ? Optional.of(new WaitingCode(List.of(), Optional.empty()))
        : session.userStack(cell.stack()).map(this::inProcess);
  }

  private WaitingCode inProcess(UserStack stack) {
    ProcessSymbols symbols = symbols(stack.tgid());
    List<CodeLocation> code = new ArrayList<>();
    for (UserStack.Place frame : stack.frames()) {
      CodeLocation place = symbols.locate(frame.returnAddress(), frame.inode(), frame.fileOffset());
      if (frame.inode() == 0 && place.known().isEmpty() && isDue(stack.tgid())) {
        symbols.refresh(); // generated since
        place = symbols.locate(frame.returnAddress(), frame.inode(), frame.fileOffset());
      }
      code.add(place);
    }
    return new WaitingCode(code, stack.incomplete());
  }

  /** Whether names of a process's generated code may be read again: once a second. */
  private boolean isDue(int tgid) {
    long now = System.nanoTime();
    Long last = refreshed.get(tgid);
    if (last != null && now - last < REFRESH_NANOS) {
      return false;
    }
    refreshed.put(tgid, now);
    return true;
  }

  private ProcessSymbols symbols(int tgid) {
    return processes.computeIfAbsent(tgid, t -> ProcessSymbols.of(t, cache));
  }

  private CodeLocation inKernel(long address) {
    return kernel()
        .map(symbols -> CodeLocation.of(symbols.resolve(address)))
        .orElseGet(() -> new CodeLocation(null, null, address - 1, null, List.of()));
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

  /** The symbol of a lock that is a variable of the kernel. */
  public Optional<String> kernelLock(long address) {
    kernel();
    return data.flatMap(symbols -> symbols.name(address));
  }

  @Override
  public void close() {
    cache.close();
  }
}
