package io.unfreed.collector.live;

import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.bpf.ring.StackCursor;
import io.unfreed.bpf.session.LaunchedCommand;
import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.symbols.KernelSymbols;
import io.unfreed.bpf.symbols.ObjectSymbolCache;
import io.unfreed.bpf.symbols.ProcessSymbols;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.StackDictionary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel side's stack references as numbers of stack ids. Identity is found here, on the
 * polling thread, because a batch holds ids; names are looked up by {@link StackNames} on the
 * outbox's thread. An event whose stack record has not come is that of {@link StackId#UNKNOWN}.
 * Used by one thread.
 */
final class LiveStacks implements AutoCloseable {
  private static final int STEP_BYTES_PER_FRAME = 64;

  /** The number of {@link StackId#UNKNOWN}, and of a reference that has not been resolved. */
  static final int UNKNOWN = 0;

  private final StackDictionary dictionary = new StackDictionary();
  private final ObjectSymbolCache cache = new ObjectSymbolCache();
  private final StackHasher hasher = new StackHasher();
  private final StackNames names = new StackNames();
  private final Map<Integer, Seen> processes = new HashMap<>();
  private final Map<Incomplete, Long> incomplete = new EnumMap<>(Incomplete.class);
  private final KernelSymbols kernel;
  private final Outbox outbox;

  /** By reference; the kernel side counts them from 1. */
  private int[] numbers = new int[1024];

  private static final class Seen {
    final ProcessSymbols symbols;
    int generation;

    Seen(ProcessSymbols symbols, int generation) {
      this.symbols = symbols;
      this.generation = generation;
    }
  }

  /**
   * Nothing is known yet.
   *
   * @param kernel null when the kernel is not recorded
   */
  LiveStacks(KernelSymbols kernel, Outbox outbox) {
    this.kernel = kernel;
    this.outbox = outbox;
    dictionary.number(StackId.UNKNOWN);
  }

  StackDictionary dictionary() {
    return dictionary;
  }

  /** Distinct stacks that are not whole, by the reason that was met first. */
  Map<Incomplete, Long> incomplete() {
    return incomplete;
  }

  /** The number of a reference of an event. */
  int number(int reference) {
    return reference >= 0 && reference < numbers.length ? numbers[reference] : UNKNOWN;
  }

  /** Opens what a command will map, before it can end. */
  void hold(LaunchedCommand command) {
    cache.hold(command.files());
  }

  /** Looks at a process's mappings, at its start and when they changed. */
  void look(int tgid) {
    Seen seen = processes.get(tgid);
    if (seen == null) {
      processes.put(tgid, new Seen(ProcessSymbols.of(tgid, cache), -1));
    } else {
      seen.symbols.refresh();
    }
  }

  void forget(int tgid) {
    processes.remove(tgid);
  }

  /** Takes a stack record; a stack not met before goes out, ahead of the first event with it. */
  void add(StackCursor stack) {
    List<CodeLocation> code = locate(stack);
    Optional<Incomplete> why = stack.incomplete();
    if (why.isPresent()) {
      code.add(IncompleteFrame.LOCATION);
    }
    List<FrameKey> keys = new ArrayList<>(code.size());
    code.forEach(location -> keys.add(key(location)));
    StackId id = hasher.hash(keys);
    int known = dictionary.size();
    int number = dictionary.number(id);
    remember(stack.reference(), number);
    if (number == known) {
      why.ifPresent(reason -> incomplete.merge(reason, 1L, Long::sum));
      outbox.give(
          sink -> sink.stack(names.callStack(id, code)), code.size() * STEP_BYTES_PER_FRAME);
    }
  }

  private List<CodeLocation> locate(StackCursor stack) {
    int depth = stack.depth();
    List<CodeLocation> code = new ArrayList<>(depth);
    if (stack.isKernel()) {
      for (int i = 0; i < depth; i++) {
        code.add(
            kernel == null
                ? new CodeLocation(null, null, stack.frame(i) - 1, null, List.of())
                : CodeLocation.of(kernel.resolve(stack.frame(i))));
      }
      return code;
    }
    ProcessSymbols symbols = symbols(stack.tgid(), stack.generation());
    for (int i = 0; i < depth; i++) {
      code.add(symbols.locate(stack.frame(i), stack.inode(i), stack.fileOffset(i)));
    }
    return code;
  }

  private ProcessSymbols symbols(int tgid, int generation) {
    Seen seen = processes.get(tgid);
    if (seen == null) {
      seen = new Seen(ProcessSymbols.of(tgid, cache), generation);
      processes.put(tgid, seen);
    } else if (seen.generation < 0) {
      seen.generation = generation;
    } else if (generation > seen.generation) {
      seen.symbols.refresh();
      seen.generation = generation;
    }
    return seen.symbols;
  }

  static FrameKey key(CodeLocation location) {
    if (location.buildId() != null) {
      return new FrameKey.InBuild(location.buildId(), location.address());
    }
    return location.module() != null
        ? new FrameKey.InModule(location.module(), location.address())
        : new FrameKey.Raw(location.address());
  }

  private void remember(int reference, int number) {
    if (reference < 0) {
      return; // after two thousand million stacks
    }
    if (reference >= numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(reference + 1, numbers.length * 2));
    }
    numbers[reference] = number;
  }

  /** A line for the user when frames are named worse than they could be; null for none. */
  String limitation() {
    return cache.limitation().orElse(null);
  }

  /** After the outbox: it looks names up. */
  @Override
  public void close() {
    cache.close();
  }
}
