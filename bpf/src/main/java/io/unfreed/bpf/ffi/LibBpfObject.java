package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.FunctionDescriptor.ofVoid;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * {@code bpf/libbpf.h}: objects, their maps and programs before and at load, links. Ints are 0 or a
 * negative errno; for a null pointer the negative errno is returned as its address.
 */
final class LibBpfObject {
  static final SymbolLookup LIB =
      NativeLibraries.libbpf()
          .orElseThrow(() -> new UnsatisfiedLinkError("libbpf.so.1 is missing"));

  private static final MethodHandle OPEN_MEM =
      bind(LIB, "bpf_object__open_mem", of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS), Errno.CAPTURE);
  private static final MethodHandle LOAD = bind(LIB, "bpf_object__load", of(JAVA_INT, ADDRESS));
  private static final MethodHandle CLOSE = bind(LIB, "bpf_object__close", ofVoid(ADDRESS));
  private static final MethodHandle FIND_MAP =
      bind(LIB, "bpf_object__find_map_by_name", of(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle FIND_PROGRAM =
      bind(LIB, "bpf_object__find_program_by_name", of(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle MAP_FD = bind(LIB, "bpf_map__fd", of(JAVA_INT, ADDRESS));
  private static final MethodHandle SET_MAX_ENTRIES =
      bind(LIB, "bpf_map__set_max_entries", of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SET_INITIAL_VALUE =
      bind(LIB, "bpf_map__set_initial_value", of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle SET_AUTOLOAD =
      bind(LIB, "bpf_program__set_autoload", of(JAVA_INT, ADDRESS, JAVA_BOOLEAN));
  private static final MethodHandle SET_ATTACH_TYPE =
      bind(LIB, "bpf_program__set_expected_attach_type", of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle PROGRAM_FD =
      bind(LIB, "bpf_program__fd", of(JAVA_INT, ADDRESS));
  private static final MethodHandle ATTACH =
      bind(LIB, "bpf_program__attach", of(ADDRESS, ADDRESS), Errno.CAPTURE);
  private static final MethodHandle ATTACH_UPROBE =
      bind(
          LIB,
          "bpf_program__attach_uprobe_opts",
          of(ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS),
          Errno.CAPTURE);
  private static final MethodHandle LINK_DESTROY =
      bind(LIB, "bpf_link__destroy", of(JAVA_INT, ADDRESS));
  private static final MethodHandle LOAD_VMLINUX_BTF =
      bind(LIB, "btf__load_vmlinux_btf", of(ADDRESS), Errno.CAPTURE);
  private static final MethodHandle BTF_FIND =
      bind(LIB, "btf__find_by_name_kind", of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle BTF_FREE = bind(LIB, "btf__free", ofVoid(ADDRESS));

  /** A pointer, or the errno why there is none. */
  record Pointer(MemorySegment segment, int errno) {
    boolean isNull() {
      return segment.address() == 0;
    }
  }

  private LibBpfObject() {}

  static Pointer openMem(MemorySegment bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      MemorySegment object =
          (MemorySegment) OPEN_MEM.invokeExact(errno, bytes, bytes.byteSize(), MemorySegment.NULL);
      return new Pointer(object, Errno.of(errno));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int load(MemorySegment object) {
    try {
      return (int) LOAD.invokeExact(object);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void close(MemorySegment object) {
    try {
      CLOSE.invokeExact(object);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static MemorySegment findMap(MemorySegment object, String name) {
    return find(FIND_MAP, object, name);
  }

  static MemorySegment findProgram(MemorySegment object, String name) {
    return find(FIND_PROGRAM, object, name);
  }

  private static MemorySegment find(MethodHandle function, MemorySegment object, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = (MemorySegment) function.invokeExact(object, arena.allocateFrom(name));
      if (found.address() == 0) {
        throw new IllegalArgumentException("the BPF object has no " + name);
      }
      return found;
    } catch (IllegalArgumentException missing) {
      throw missing;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int mapFd(MemorySegment map) {
    try {
      return (int) MAP_FD.invokeExact(map);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int setMaxEntries(MemorySegment map, int entries) {
    try {
      return (int) SET_MAX_ENTRIES.invokeExact(map, entries);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int setInitialValue(MemorySegment map, MemorySegment value) {
    try {
      return (int) SET_INITIAL_VALUE.invokeExact(map, value, value.byteSize());
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int setAutoload(MemorySegment program, boolean load) {
    try {
      return (int) SET_AUTOLOAD.invokeExact(program, load);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int setAttachType(MemorySegment program, int type) {
    try {
      return (int) SET_ATTACH_TYPE.invokeExact(program, type);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int programFd(MemorySegment program) {
    try {
      return (int) PROGRAM_FD.invokeExact(program);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static Pointer attach(MemorySegment program) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      MemorySegment link = (MemorySegment) ATTACH.invokeExact(errno, program);
      return new Pointer(link, Errno.of(errno));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** {@code struct bpf_uprobe_opts}: size_t sz, ref_ctr_offset; u64 bpf_cookie; bool retprobe. */
  static Pointer attachUprobe(MemorySegment program, UprobeSpot spot, int tgid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      MemorySegment options = arena.allocate(40, 8);
      options.set(JAVA_LONG, 0, 40L);
      options.set(JAVA_LONG, 16, spot.cookie());
      options.set(JAVA_BOOLEAN, 24, spot.atReturn());
      MemorySegment link =
          (MemorySegment)
              ATTACH_UPROBE.invokeExact(
                  errno,
                  program,
                  tgid,
                  arena.allocateFrom(spot.binary()),
                  spot.fileOffset(),
                  options);
      return new Pointer(link, Errno.of(errno));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int linkDestroy(MemorySegment link) {
    try {
      return (int) LINK_DESTROY.invokeExact(link);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static Pointer loadVmlinuxBtf() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      MemorySegment btf = (MemorySegment) LOAD_VMLINUX_BTF.invokeExact(errno);
      return new Pointer(btf, Errno.of(errno));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int btfFind(MemorySegment btf, String name, int kind) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) BTF_FIND.invokeExact(btf, arena.allocateFrom(name), kind);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void btfFree(MemorySegment btf) {
    try {
      BTF_FREE.invokeExact(btf);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
