package io.unfreed.bpf.session;

import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.ProcessCursor;
import io.unfreed.bpf.ring.RecordHandler;
import io.unfreed.bpf.ring.RecordLayout;
import io.unfreed.bpf.ring.StackCursor;
import io.unfreed.bpf.symbols.ProcessSymbols;
import io.unfreed.bpf.symbols.ResolvedFrame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts records per process, in the words the workloads print. */
class Tally implements RecordHandler {
  private final Map<Integer, Map<String, Long>> numbers = new HashMap<>();
  final Map<Integer, long[]> stacks = new HashMap<>();
  final Map<Integer, long[]> inodes = new HashMap<>();
  final Map<Integer, long[]> offsets = new HashMap<>();
  final Map<Integer, Integer> stackOfAnAllocation = new HashMap<>();
  final Set<Integer> unresolved = new HashSet<>();
  final Set<Integer> exited = new HashSet<>();
  final List<String> life = new ArrayList<>();
  final Map<Integer, String> commands = new HashMap<>();
  long received;

  /** A frame of the stack of some allocation of a process. */
  ResolvedFrame frameOfAnAllocation(int tgid, int index, ProcessSymbols symbols) {
    int stack = stackOfAnAllocation.get(tgid);
    return symbols.resolve(
        stacks.get(stack)[index], inodes.get(stack)[index], offsets.get(stack)[index]);
  }

  Map<String, Long> of(int tgid) {
    return numbers.computeIfAbsent(tgid, t -> empty());
  }

  static Map<String, Long> empty() {
    Map<String, Long> zero = new TreeMap<>();
    for (String word :
        List.of(
            "alloc",
            "alloc_bytes",
            "free",
            "intent",
            "moved",
            "moved_bytes",
            "released",
            "failed",
            "map",
            "map_bytes")) {
      zero.put(word, 0L);
    }
    return zero;
  }

  @Override
  public void onEvent(EventCursor event) {
    received++;
    Map<String, Long> n = of(event.tgid());
    int stack = event.stackReference();
    if (stack != 0 && !stacks.containsKey(stack)) {
      unresolved.add(stack);
    }
    switch (event.kind()) {
      case RecordLayout.ALLOC -> {
        n.merge("alloc", 1L, Long::sum);
        n.merge("alloc_bytes", event.sizeBytes(), Long::sum);
        stackOfAnAllocation.put(event.tgid(), stack);
      }
      case RecordLayout.FREE -> n.merge("free", 1L, Long::sum);
      case RecordLayout.RELEASE_INTENT -> n.merge("intent", 1L, Long::sum);
      case RecordLayout.OUTCOME_OK -> {
        n.merge(event.address() == 0 ? "released" : "moved", 1L, Long::sum);
        n.merge("moved_bytes", event.sizeBytes(), Long::sum);
      }
      case RecordLayout.OUTCOME_FAILED -> n.merge("failed", 1L, Long::sum);
      case RecordLayout.MAP -> {
        n.merge("map", 1L, Long::sum);
        n.merge("map_bytes", event.sizeBytes(), Long::sum);
      }
      default -> throw new AssertionError("kind " + event.kind());
    }
  }

  @Override
  public void onStack(StackCursor stack) {
    long[] frames = new long[stack.depth()];
    long[] inode = new long[frames.length];
    long[] offset = new long[frames.length];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = stack.frame(i);
      inode[i] = stack.inode(i);
      offset[i] = stack.fileOffset(i);
    }
    inodes.put(stack.reference(), inode);
    offsets.put(stack.reference(), offset);
    stacks.put(stack.reference(), frames);
    unresolved.remove(stack.reference());
  }

  @Override
  public void onProcess(ProcessCursor process) {
    life.add(process.kind() + " " + process.tgid());
    process.commandLine().ifPresent(line -> commands.put(process.tgid(), line));
    if (process.kind() == ProcessCursor.EXIT) {
      exited.add(process.tgid());
    }
  }
}
