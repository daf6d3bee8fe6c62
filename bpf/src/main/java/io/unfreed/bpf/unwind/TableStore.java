package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ffi.BpfObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The maps that hold rules. Tables only come; the session's end takes them all. One thread. */
final class TableStore {
  /** Slots of the outer map. */
  static final int MOST_TABLES = 8192;

  private final TableBuilder builder;
  private final BpfMap modules;
  private final BpfMap tables;
  private final BpfMap rules;
  private final RuleNumbers numbers = new RuleNumbers();
  private final Map<ObjectKey, NodeTree> waiting = new LinkedHashMap<>();
  private final List<BpfMap> arrays = new ArrayList<>();
  private final long mostBytes;
  private Arena arena = Arena.ofShared(); // flushed by another thread than it was opened by
  private int rulesWritten;
  private int count;
  private long bytes;

  TableStore(BpfObject bpf, TableBuilder builder, long mostBytes) {
    this.builder = builder;
    this.modules = bpf.map("modules");
    this.tables = bpf.map("tables");
    this.rules = bpf.map("rules");
    this.mostBytes = mostBytes;
  }

  /** Whether a file's rules are known, or that it has none. */
  boolean has(ObjectKey object) {
    return waiting.containsKey(object) || modules.has(object.bytes(), NodeTree.MODULE_BYTES);
  }

  /** Takes a table, for {@link #flush}; false when there is no room for it. */
  boolean add(ObjectKey object, RuleTable table) {
    int rows = table.starts().length;
    long more = (long) NodeTree.nodesFor(rows) * NodeTree.NODE_BYTES;
    if (rows > NodeTree.MOST_ROWS
        || bytes + more > mostBytes
        || count + waiting.size() >= MOST_TABLES) {
      return false;
    }
    short[] own = new short[table.rules().length];
    for (int i = 0; i < own.length; i++) {
      own[i] = (short) numbers.number(table.rules()[i]);
    }
    NodeTree tree = NodeTree.of(table, own, builder, arena);
    BpfMap array = BpfMap.newInnerArray("unwind_nodes", NodeTree.NODE_BYTES, tree.count());
    arrays.add(array);
    array.putAll(IntStream.range(0, tree.count()).toArray(), tree.nodes());
    waiting.put(object, tree);
    bytes += more;
    return true;
  }

  /** Has it known that a file has no rules: nobody asks again. */
  void addNone(ObjectKey object) {
    try (Arena own = Arena.ofConfined()) {
      modules.put(object.bytes(), own.allocate(NodeTree.MODULE_BYTES, 8));
    }
  }

  /**
   * Shows the kernel side what was added: all at once, because each change of the outer map waits.
   */
  void flush() {
    if (waiting.isEmpty()) {
      return;
    }
    try {
      writeRules();
      int[] slots = IntStream.range(count, count + waiting.size()).toArray();
      int[] descriptors = arrays.stream().mapToInt(BpfMap::fd).toArray();
      tables.putAll(slots, arena.allocateFrom(JAVA_INT, descriptors));
      for (Map.Entry<ObjectKey, NodeTree> added : waiting.entrySet()) {
        modules.put(added.getKey().bytes(), added.getValue().module(count++, arena));
      }
    } finally {
      waiting.clear();
      arrays.forEach(BpfMap::closeDescriptor);
      arrays.clear();
      arena.close();
      arena = Arena.ofShared();
    }
  }

  private void writeRules() {
    List<Long> fresh = numbers.fresh();
    if (fresh.isEmpty()) {
      return;
    }
    MemorySegment values = arena.allocate(JAVA_LONG, fresh.size());
    for (int i = 0; i < fresh.size(); i++) {
      values.setAtIndex(JAVA_LONG, i, fresh.get(i));
    }
    rules.putAll(IntStream.range(rulesWritten, rulesWritten + fresh.size()).toArray(), values);
    rulesWritten += fresh.size();
    numbers.forgetFresh();
  }

  int count() {
    return count;
  }

  /** Of all tables in the kernel. */
  long bytes() {
    return bytes;
  }
}
