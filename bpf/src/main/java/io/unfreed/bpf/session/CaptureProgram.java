package io.unfreed.bpf.session;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.MissingTracepointException;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.MemoryMap;
import io.unfreed.bpf.unwind.UnwindTables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The compiled BPF program: found, configured for one session, loaded. */
final class CaptureProgram {
  private static final long CONFIG_BYTES = 88;
  static final String OBJECTS_CHANGED = "objects_changed";
  static final List<String> PROCESS_PROGRAMS =
      List.of("process_fork", "process_exec", "process_exit");

  static final List<String> PROBE_PROGRAMS = List.of("call_enter", "call_exit", "modules_changed");

  /** Exits first, so that none is entered without its exit being seen. */
  static final List<String> CALL_PROGRAMS = List.of("on_sys_exit", "on_sys_enter");

  static final String USER_FAULT = "on_user_fault";
  private static final String USER_FAULT_TRACEPOINT = "page_fault_user";

  /** Kernel programs by the tracepoint they need. */
  private static final Map<String, String> KERNEL_PROGRAMS = new LinkedHashMap<>();

  static {
    KERNEL_PROGRAMS.put("kfree", "on_kfree");
    KERNEL_PROGRAMS.put("kmem_cache_free", "on_cache_free");
    KERNEL_PROGRAMS.put("mm_page_free", "on_page_free");
    KERNEL_PROGRAMS.put("percpu_free_percpu", "on_percpu_free");
    KERNEL_PROGRAMS.put("kmalloc", "on_kmalloc");
    KERNEL_PROGRAMS.put("kmalloc_node", "on_kmalloc_node");
    KERNEL_PROGRAMS.put("kmem_cache_alloc", "on_cache_alloc");
    KERNEL_PROGRAMS.put("kmem_cache_alloc_node", "on_cache_alloc_node");
    KERNEL_PROGRAMS.put("mm_page_alloc", "on_page_alloc");
    KERNEL_PROGRAMS.put("percpu_alloc_percpu", "on_percpu_alloc");
  }

  private CaptureProgram() {}

  /** Why no session can be opened on this machine, in one line; empty when one can be tried. */
  static Optional<String> unavailable() {
    return BpfResource.CAPTURE.unavailable();
  }

  /** The kernel tracepoints this kernel has, as tracepoint and program, frees first. */
  static Map<String, String> kernelPrograms(boolean percpu) {
    Map<String, String> present = new LinkedHashMap<>();
    Set<String> had = BpfObject.kernelTracepoints(KERNEL_PROGRAMS.keySet());
    KERNEL_PROGRAMS.forEach((tracepoint, program) -> {
      boolean wanted = percpu || !tracepoint.startsWith("percpu");
      if (wanted && had.contains(tracepoint)) {
        present.put(tracepoint, program);
      }
    });
    return present;
  }

  /** What this kernel lacks to tell of page faults; empty when it lacks nothing. */
  static Optional<MissingTracepointException> missingForPageFaults() {
    return BpfObject.kernelTracepoints(List.of(USER_FAULT_TRACEPOINT)).isEmpty()
        ? Optional.of(
            new MissingTracepointException(List.of("exceptions:" + USER_FAULT_TRACEPOINT)))
        : Optional.empty();
  }

  /** Loads for processes, or for the kernel too: its programs cost a second of verification. */
  static BpfObject load(LiveSessionConfig config, boolean kernel, Attaching attaching) {
    unavailable()
        .ifPresent(why -> {
          throw new BpfException(why);
        });
    boolean shared = attaching == Attaching.SHARED;
    BpfObject object = BpfObject.open(BpfResource.CAPTURE.bytes());
    try (Arena arena = Arena.ofConfined()) {
      object.setInitialValue(".rodata.config", configValue(config, shared, arena));
      object.setMaxEntries("ring", config.bufferBytes());
      object.setMaxEntries("stacks", config.maxStacks());
      object.setMaxEntries("live", config.isFiltered() ? config.maxLiveBlocks() : 1);
      Set<String> had = kernel ? BpfObject.kernelTracepoints(KERNEL_PROGRAMS.keySet()) : Set.of();
      KERNEL_PROGRAMS.forEach((tracepoint, program) -> {
        if (!had.contains(tracepoint)) {
          object.skip(program);
        }
      });
      if (!shared) {
        object.skip(OBJECTS_CHANGED);
      }
      if (kernel || !config.unwinds()) {
        UnwindTables.leaveOut(object);
      }
      (config.systemCalls() ? PROBE_PROGRAMS : CALL_PROGRAMS).forEach(object::skip);
      if (!config.pageFaults()) {
        object.skip(USER_FAULT);
      }
      if (attaching == Attaching.TOGETHER) {
        PROBE_PROGRAMS.forEach(object::attachesTogether);
      }
      object.load();
      return object;
    } catch (RuntimeException failed) {
      object.close();
      throw failed;
    }
  }

  static List<String> all() {
    List<String> programs = new ArrayList<>(PROCESS_PROGRAMS);
    programs.addAll(PROBE_PROGRAMS);
    programs.addAll(CALL_PROGRAMS);
    programs.add(OBJECTS_CHANGED);
    programs.add(USER_FAULT);
    programs.addAll(KERNEL_PROGRAMS.values());
    return programs;
  }

  /** struct unfreed_config. */
  private static MemorySegment configValue(LiveSessionConfig config, boolean shared, Arena arena) {
    MemorySegment value = arena.allocate(CONFIG_BYTES, 8);
    value.set(JAVA_LONG, 0, config.minSizeBytes());
    value.set(JAVA_LONG, 8, config.maxSizeBytes());
    value.set(JAVA_INT, 16, config.sampleRate());
    value.set(JAVA_INT, 20, config.isFiltered() ? 1 : 0);
    value.set(JAVA_INT, 24, config.followChildren() ? 1 : 0);
    long page = MemoryMap.pageBytes();
    value.set(JAVA_INT, 28, Long.numberOfTrailingZeros(page));
    value.set(JAVA_INT, 32, shared || config.systemCalls() ? 1 : 0);
    value.set(JAVA_INT, 36, (int) ProcessHandle.current().pid());
    value.set(JAVA_INT, 40, config.systemCalls() ? 1 : 0);
    value.set(JAVA_INT, 60, config.unwinds() ? 1 : 0);
    value.set(JAVA_INT, 80, config.pageFaults() ? 1 : 0);
    config
        .host()
        .ifPresent(host -> {
          value.set(JAVA_INT, 44, 1);
          host.cgroup()
              .ifPresent(cgroup -> {
                value.set(JAVA_LONG, 48, cgroup.id());
                value.set(JAVA_INT, 56, cgroup.level());
              });
          MemorySegment.copy(host.nameBytes(), 0, value, JAVA_BYTE, 64, host.nameBytes().length);
        });
    return value;
  }
}
