package io.unfreed.bpf.trace;

import io.unfreed.bpf.ring.StackCursor;
import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.symbols.KernelData;
import io.unfreed.bpf.symbols.KernelSymbols;
import io.unfreed.bpf.symbols.ObjectSymbolCache;
import io.unfreed.bpf.symbols.ProcessSymbols;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names of what the tracers count, as this host knows them: to be looked up while the processes
 * live. Used by one thread.
 */
public final class TraceNames implements AutoCloseable {
  private final TraceSession session;
  private final ObjectSymbolCache cache = new ObjectSymbolCache();
  private final Map<Integer, ProcessSymbols> processes = new HashMap<>();
  private Optional<KernelSymbols> kernel = Optional.empty();
  private Optional<KernelData> data = Optional.empty();

  public TraceNames(TraceSession session) {
    this.session = session;
  }

  /** The code that waits, innermost first; empty when no stack could be taken. */
  public List<CodeLocation> stack(TraceCell cell) {
    List<CodeLocation> code = new ArrayList<>();
    for (long address : session.stack(cell.stack())) {
      code.add(
          cell.kind() == TraceCell.Kind.KERNEL_LOCK
              ? inKernel(address)
              : processes
                  .computeIfAbsent(cell.tgid(), t -> ProcessSymbols.of(t, cache))
                  .locate(address, StackCursor.INODE_UNKNOWN, 0));
    }
    return code;
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
