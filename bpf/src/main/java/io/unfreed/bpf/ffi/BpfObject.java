package io.unfreed.bpf.ffi;

import io.unfreed.bpf.BpfAttachException;
import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfLoadException;
import io.unfreed.bpf.BpfPermissionException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A BPF object: opened from bytes, configured, loaded, attached from, closed. Not thread-safe until
 * loaded; attaching and map access may then happen from any thread.
 */
public final class BpfObject implements AutoCloseable {
  private static final int BTF_KIND_TYPEDEF = 8;
  private static final int BTF_KIND_FUNC = 12;

  private MemorySegment object;

  private BpfObject(MemorySegment object) {
    this.object = object;
  }

  /** Parses an object; nothing reaches the kernel yet. */
  public static BpfObject open(byte[] elf) {
    LibBpfLog.clear();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(elf.length, 8);
      MemorySegment.copy(elf, 0, bytes, ValueLayout.JAVA_BYTE, 0, elf.length);
      LibBpfObject.Pointer opened = LibBpfObject.openMem(bytes);
      if (opened.isNull()) {
        throw loadFailure("opening the BPF object", opened.errno());
      }
      return new BpfObject(opened.segment());
    }
  }

  /** Before load: elements of a hash map, or bytes of a ring buffer. */
  public void setMaxEntries(String map, int entries) {
    check("sizing map " + map, LibBpfObject.setMaxEntries(findMap(map), entries));
  }

  /** Before load: the bytes of a global data section's map. */
  public void setInitialValue(String map, MemorySegment value) {
    check("setting " + map, LibBpfObject.setInitialValue(findMap(map), value));
  }

  /** Before load: leave a program out. */
  public void skip(String program) {
    check(
        "skipping " + program,
        LibBpfObject.setAutoload(LibBpfObject.findProgram(object, program), false));
  }

  /** Before load: a program for user code is to be attached by {@link #attachTogether}. */
  public void attachesTogether(String program) {
    check(
        "choosing how " + program + " is attached",
        LibBpfObject.setAttachType(
            LibBpfObject.findProgram(object, program), UprobeMulti.ATTACH_TYPE));
  }

  /**
   * Whether the running kernel can {@link #attachTogether}.
   *
   * @param program a loaded one that {@link #attachesTogether}
   */
  public boolean canAttachTogether(String program) {
    return UprobeMulti.areThere(LibBpfObject.programFd(LibBpfObject.findProgram(object, program)));
  }

  /** Those of the tracepoints that the running kernel has. */
  public static Set<String> kernelTracepoints(Collection<String> names) {
    LibBpfObject.Pointer btf = LibBpfObject.loadVmlinuxBtf();
    if (btf.isNull()) {
      return Set.of();
    }
    Set<String> present = new HashSet<>();
    for (String name : names) {
      if (LibBpfObject.btfFind(btf.segment(), "btf_trace_" + name, BTF_KIND_TYPEDEF) > 0) {
        present.add(name);
      }
    }
    LibBpfObject.btfFree(btf.segment());
    return present;
  }

  /** Hands the maps and programs to the kernel. */
  public void load() {
    LibBpfLog.clear();
    int error = LibBpfObject.load(object);
    if (error != 0) {
      throw loadFailure("loading the BPF program", -error);
    }
  }

  public BpfMap map(String name) {
    return new BpfMap(name, LibBpfObject.mapFd(findMap(name)));
  }

  /** Attaches a program where its section says (tracepoints). */
  public BpfLink attach(String program) {
    LibBpfLog.clear();
    LibBpfObject.Pointer link = LibBpfObject.attach(LibBpfObject.findProgram(object, program));
    if (link.isNull()) {
      throw attachFailure(program, "the kernel", link.errno());
    }
    return BpfLink.of(link.segment());
  }

  /** Attaches a program to user code of one process. */
  public BpfLink attachUprobe(String program, String symbol, UprobeSpot spot, int tgid) {
    LibBpfLog.clear();
    LibBpfObject.Pointer link =
        LibBpfObject.attachUprobe(LibBpfObject.findProgram(object, program), spot, tgid);
    if (link.isNull()) {
      throw attachFailure(symbol, spot.binary(), link.errno());
    }
    return BpfLink.of(link.segment());
  }

  /** Attaches a program to many places of one file in one process, by one link. */
  public BpfLink attachTogether(String program, String symbol, UprobeSpots spots, int tgid) {
    int fd = LibBpfObject.programFd(LibBpfObject.findProgram(object, program));
    int link = UprobeMulti.link(fd, spots, tgid);
    if (link < 0) {
      throw attachFailure(symbol, spots.binary(), -link);
    }
    return BpfLink.of(link);
  }

  /**
   * Runs a program wherever the trace event of an open perf event happens, with a cookie.
   *
   * @return a descriptor; closing it ends that
   */
  public int attachPerfEvent(String program, int eventFd, long cookie) {
    int fd = LibBpfObject.programFd(LibBpfObject.findProgram(object, program));
    int link = PerfEvents.link(fd, eventFd, cookie);
    if (link < 0) {
      throw attachFailure(program, "a trace event", -link);
    }
    return link;
  }

  /** Whether the running kernel has a function that programs may call. */
  public static boolean hasKernelFunction(String name) {
    LibBpfObject.Pointer btf = LibBpfObject.loadVmlinuxBtf();
    if (btf.isNull()) {
      return false;
    }
    boolean has = LibBpfObject.btfFind(btf.segment(), name, BTF_KIND_FUNC) > 0;
    LibBpfObject.btfFree(btf.segment());
    return has;
  }

  /**
   * Runs an iterator's program, which ends with a record of zeros, over what a task has.
   *
   * @return the records before; empty when the kernel cannot or the task is gone
   */
  public Optional<byte[]> iterate(String program, int tid, int recordBytes) {
    int fd = LibBpfObject.programFd(LibBpfObject.findProgram(object, program));
    return TaskIterator.run(fd, tid, recordBytes);
  }

  /** Times the kernel skipped a program because it already ran on that CPU. */
  public long recursionMisses(String program) {
    int fd = LibBpfObject.programFd(LibBpfObject.findProgram(object, program));
    return fd < 0 ? 0 : BpfSyscalls.recursionMisses(fd);
  }

  @Override
  public void close() {
    if (object != null) {
      LibBpfObject.close(object);
      object = null;
    }
  }

  private MemorySegment findMap(String name) {
    return LibBpfObject.findMap(object, name);
  }

  private static void check(String operation, int error) {
    if (error < 0) {
      throw new BpfException(operation + " failed: " + Errno.describe(-error));
    }
  }

  private static BpfException loadFailure(String operation, int errno) {
    if (errno == Errno.EPERM || (errno == Errno.EACCES && !rootLike())) {
      return new BpfPermissionException(operation);
    }
    return new BpfLoadException(operation + " failed: " + Errno.describe(errno), LibBpfLog.text());
  }

  private static BpfException attachFailure(String symbol, String binary, int errno) {
    if (errno == Errno.EPERM || errno == Errno.EACCES) {
      return new BpfPermissionException("attaching to " + symbol + " in " + binary);
    }
    return new BpfAttachException(symbol, binary, Errno.describe(errno));
  }

  /** EACCES is also the verifier's refusal, so it means permissions only when some are missing. */
  private static boolean rootLike() {
    return !BpfPermissionException.forbidsAll();
  }
}
