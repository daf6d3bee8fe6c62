package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** {@code bpf/bpf.h}: map elements and program facts by file descriptor. Ints are 0 or -errno. */
final class BpfSyscalls {
  /** Offset of recursion_misses in struct bpf_prog_info (linux/bpf.h, since 5.12). */
  private static final long PROG_INFO_RECURSION_MISSES = 208;

  private static final int BPF_MAP_TYPE_ARRAY = 2;

  private static final MethodHandle LOOKUP =
      bind(LibBpfObject.LIB, "bpf_map_lookup_elem", of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle UPDATE =
      bind(
          LibBpfObject.LIB,
          "bpf_map_update_elem",
          of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle DELETE =
      bind(LibBpfObject.LIB, "bpf_map_delete_elem", of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle TAKE =
      bind(
          LibBpfObject.LIB,
          "bpf_map_lookup_and_delete_elem",
          of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle NEXT_KEY =
      bind(LibBpfObject.LIB, "bpf_map_get_next_key", of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle CREATE =
      bind(
          LibBpfObject.LIB,
          "bpf_map_create",
          of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle UPDATE_BATCH =
      bind(
          LibBpfObject.LIB,
          "bpf_map_update_batch",
          of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle INFO =
      bind(LibBpfObject.LIB, "bpf_obj_get_info_by_fd", of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle POSSIBLE_CPUS =
      bind(LibBpfObject.LIB, "libbpf_num_possible_cpus", of(JAVA_INT));

  private BpfSyscalls() {}

  static int lookup(int fd, MemorySegment key, MemorySegment value) {
    try {
      return (int) LOOKUP.invokeExact(fd, key, value);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int update(int fd, MemorySegment key, MemorySegment value) {
    try {
      return (int) UPDATE.invokeExact(fd, key, value, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Updates with BPF_EXIST. */
  static int replace(int fd, MemorySegment key, MemorySegment value) {
    try {
      return (int) UPDATE.invokeExact(fd, key, value, 2L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * A new array with 4-byte keys.
   *
   * @return its descriptor, or -errno
   */
  static int createArray(int valueBytes, int elements, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      // struct bpf_map_create_opts: size_t sz; u32 btf_fd, three type ids, inner_map_fd, map_flags;
      // u64 map_extra; u32 numa_node, map_ifindex
      MemorySegment options = arena.allocate(48, 8);
      options.set(JAVA_LONG, 0, 48L);
      options.set(JAVA_INT, 28, flags);
      return (int)
          CREATE.invokeExact(
              BPF_MAP_TYPE_ARRAY, MemorySegment.NULL, Integer.BYTES, valueBytes, elements, options);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Sets many elements at once. */
  static int updateBatch(int fd, MemorySegment keys, MemorySegment values, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counted = arena.allocateFrom(JAVA_INT, count);
      return (int) UPDATE_BATCH.invokeExact(fd, keys, values, counted, MemorySegment.NULL);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int delete(int fd, MemorySegment key) {
    try {
      return (int) DELETE.invokeExact(fd, key);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Looks up and removes; a queue has no keys. */
  static int take(int fd, MemorySegment key, MemorySegment value) {
    try {
      return (int) TAKE.invokeExact(fd, key, value);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int nextKey(int fd, MemorySegment key, MemorySegment next) {
    try {
      return (int) NEXT_KEY.invokeExact(fd, key, next);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** How often the kernel skipped a program because it was already running on that CPU. */
  static long recursionMisses(int programFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(232, 8);
      MemorySegment length = arena.allocateFrom(JAVA_INT, (int) info.byteSize());
      int error = (int) INFO.invokeExact(programFd, info, length);
      return error == 0 ? info.get(JAVA_LONG, PROG_INFO_RECURSION_MISSES) : 0;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int possibleCpus() {
    try {
      return (int) POSSIBLE_CPUS.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
