package io.unfreed.bpf.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.BpfException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A map of a loaded object, with 4-byte keys unless said otherwise; any thread. */
public final class BpfMap {
  private static final int MOST_TAKEN = 1 << 14;
  private static final int BPF_F_INNER_MAP = 1 << 12;

  private final String name;
  private final int fd;

  BpfMap(String name, int fd) {
    this.name = name;
    this.fd = fd;
  }

  public int fd() {
    return fd;
  }

  /** The 4 or 8 bytes of a value as a little-endian number. */
  public OptionalLong get(int key) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_LONG);
      int error = BpfSyscalls.lookup(fd, arena.allocateFrom(JAVA_INT, key), value);
      return error == 0 ? OptionalLong.of(value.get(JAVA_LONG, 0)) : OptionalLong.empty();
    }
  }

  /** Sets a value of up to 8 bytes; the kernel takes as many as the map's values have. */
  public void put(int key, long value) {
    try (Arena arena = Arena.ofConfined()) {
      int error =
          BpfSyscalls.update(
              fd, arena.allocateFrom(JAVA_INT, key), arena.allocateFrom(JAVA_LONG, value));
      if (error < 0) {
        throw new BpfException("writing map " + name + " failed: " + Errno.describe(-error));
      }
    }
  }

  /** As {@link #put(int, long)} for a map with longer keys. */
  public void put(byte[] key, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(key.length, 8);
      bytes.copyFrom(MemorySegment.ofArray(key));
      int error = BpfSyscalls.update(fd, bytes, arena.allocateFrom(JAVA_LONG, value));
      if (error < 0) {
        throw new BpfException("writing map " + name + " failed: " + Errno.describe(-error));
      }
    }
  }

  /** As {@link #put(int, long)} for a map with longer keys and values. */
  public void put(byte[] key, MemorySegment value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(key.length, 8);
      bytes.copyFrom(MemorySegment.ofArray(key));
      int error = BpfSyscalls.update(fd, bytes, value);
      if (error < 0) {
        throw new BpfException("writing map " + name + " failed: " + Errno.describe(-error));
      }
    }
  }

  /** Whether a map with longer keys has one. */
  public boolean has(byte[] key, int valueBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(key.length, 8);
      bytes.copyFrom(MemorySegment.ofArray(key));
      return BpfSyscalls.lookup(fd, bytes, arena.allocate(valueBytes, 8)) == 0;
    }
  }

  /** Removes a longer key; false if it was not there. */
  public boolean remove(byte[] key) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(key.length, 8);
      bytes.copyFrom(MemorySegment.ofArray(key));
      return BpfSyscalls.delete(fd, bytes) == 0;
    }
  }

  /** Sets elements of an array: at once where the kernel can, else one by one. */
  public void putAll(int[] keys, MemorySegment values) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment indexes = arena.allocateFrom(JAVA_INT, keys);
      if (keys.length == 0 || BpfSyscalls.updateBatch(fd, indexes, values, keys.length) == 0) {
        return;
      }
      long each = values.byteSize() / keys.length;
      for (int i = 0; i < keys.length; i++) {
        MemorySegment key = indexes.asSlice((long) Integer.BYTES * i, Integer.BYTES);
        int error = BpfSyscalls.update(fd, key, values.asSlice(each * i, each));
        if (error < 0) {
          throw new BpfException("writing map " + name + " failed: " + Errno.describe(-error));
        }
      }
    }
  }

  /**
   * A new array that may lie in a map of maps; whoever made it closes its descriptor.
   *
   * @throws BpfException when the kernel has no room for it
   */
  public static BpfMap newInnerArray(String name, int valueBytes, int elements) {
    int fd = BpfSyscalls.createArray(valueBytes, elements, BPF_F_INNER_MAP);
    if (fd < 0) {
      throw new BpfException("making map " + name + " failed: " + Errno.describe(-fd));
    }
    return new BpfMap(name, fd);
  }

  /** Gives the descriptor up; what refers to the map keeps it. */
  public void closeDescriptor() {
    LibC.close(fd);
  }

  /** Sets the value of a key that is there; false if it was not. */
  public boolean replace(int key, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fresh = arena.allocateFrom(JAVA_LONG, value);
      return BpfSyscalls.replace(fd, arena.allocateFrom(JAVA_INT, key), fresh) == 0;
    }
  }

  /** The 4-byte keys at this moment. */
  public List<Integer> keys() {
    List<Integer> keys = new ArrayList<>();
    removeWhere(
        Integer.BYTES,
        key -> {
          keys.add(key.get(JAVA_INT, 0));
          return false;
        });
    return keys;
  }

  /** Removes a key; false if it was not there. */
  public boolean remove(int key) {
    try (Arena arena = Arena.ofConfined()) {
      return BpfSyscalls.delete(fd, arena.allocateFrom(JAVA_INT, key)) == 0;
    }
  }

  /** Sums the per-CPU values of element 0, seen as an array of 64-bit counters. */
  public long[] sumOverCpus(int counters) {
    try (Arena arena = Arena.ofConfined()) {
      int cpus = BpfSyscalls.possibleCpus();
      MemorySegment values = arena.allocate(JAVA_LONG, (long) cpus * counters);
      int error = BpfSyscalls.lookup(fd, arena.allocateFrom(JAVA_INT, 0), values);
      if (error < 0) {
        throw new BpfException("reading map " + name + " failed: " + Errno.describe(-error));
      }
      long[] sums = new long[counters];
      for (int i = 0; i < cpus * counters; i++) {
        sums[i % counters] += values.getAtIndex(JAVA_LONG, i);
      }
      return sums;
    }
  }

  /** A value that is an array of numbers; all 0 when there is none. */
  public long[] getLongs(int key, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_LONG, length);
      BpfSyscalls.lookup(fd, arena.allocateFrom(JAVA_INT, key), value);
      return value.toArray(JAVA_LONG);
    }
  }

  /** Shows the entries there are, each once as long as nobody removes any. */
  public void forEach(
      int keyBytes, int valueBytes, BiConsumer<MemorySegment, MemorySegment> reader) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(valueBytes, 8);
      removeWhere(
          keyBytes,
          key -> {
            if (BpfSyscalls.lookup(fd, key, value) == 0) {
              reader.accept(key, value);
            }
            return false;
          });
    }
  }

  /**
   * Takes the values out of a queue, oldest first; so many at most, lest it be filled meanwhile.
   */
  public void takeAll(int valueBytes, Consumer<MemorySegment> reader) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(valueBytes, 8);
      for (int i = 0; i < MOST_TAKEN && BpfSyscalls.take(fd, MemorySegment.NULL, value) == 0; i++) {
        reader.accept(value);
      }
    }
  }

  /** Takes the entries out whose key passes; each is shown with what it held when it went. */
  public void takeWhere(
      int keyBytes,
      int valueBytes,
      Predicate<MemorySegment> condition,
      BiConsumer<MemorySegment, MemorySegment> reader) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(valueBytes, 8);
      removeWhere(
          keyBytes,
          key -> {
            if (condition.test(key) && BpfSyscalls.take(fd, key, value) == 0) {
              reader.accept(key, value);
            }
            return false;
          });
    }
  }

  /** Removes the entries whose key passes; the number removed. */
  public int removeWhere(int keyBytes, Predicate<MemorySegment> condition) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment next = arena.allocate(keyBytes, 8);
      MemorySegment key = arena.allocate(keyBytes, 8);
      int removed = 0;
      int error = BpfSyscalls.nextKey(fd, MemorySegment.NULL, next);
      while (error == 0) {
        key.copyFrom(next);
        error = BpfSyscalls.nextKey(fd, key, next);
        if (condition.test(key) && BpfSyscalls.delete(fd, key) == 0) {
          removed++;
        }
      }
      return removed;
    }
  }
}
