package io.unfreed.bpf.probe;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.Errno;
import io.unfreed.bpf.ffi.LibC;
import io.unfreed.bpf.ffi.PerfEvents;
import io.unfreed.bpf.ffi.PerfEvents.Inheritance;
import io.unfreed.bpf.ffi.Tracefs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Functions of one file behind two trace events, one for their exits and one for their enters: a
 * task needs two perf events however many functions there are. What a probe is at, the BPF program
 * finds in its map {@code functions} by cookie and page offset, so the page offsets must differ.
 */
final class TraceGroup implements AutoCloseable {
  /** UNFREED_FN_TABLE. */
  static final int TABLE = 4096;

  /** Where the definitions of a session go, and which number its next group has. */
  record Naming(BpfObject bpf, Tracefs tracefs, String system, int number) {}

  private final Naming naming;
  private final String program;
  private final String name;
  private final int eventId;
  private final long cookie;
  private final List<Integer> descriptors = new ArrayList<>();

  private TraceGroup(Naming naming, String program, long cookie) throws IOException {
    this.naming = naming;
    this.program = program;
    this.name = program + naming.number();
    this.cookie = cookie;
    this.eventId = naming.tracefs().id(naming.system(), name);
  }

  /** Exits, for they are attached first, and enters. */
  static List<TraceGroup> define(Naming naming, int fd, List<ProbePlan.Spot> spots)
      throws IOException {
    BpfMap functions = naming.bpf().map("functions");
    long cookie = (long) naming.number() * TABLE;
    List<String> lines = new ArrayList<>();
    for (ProbePlan.Spot spot : spots) {
      functions.put((int) (cookie | spot.fileOffset() % TABLE), spot.function().id());
      lines.add(line(naming, "r", "call_exit", fd, spot.fileOffset()));
      lines.add(line(naming, "p", "call_enter", fd, spot.fileOffset()));
    }
    naming.tracefs().define(lines);
    return List.of(
        new TraceGroup(naming, "call_exit", cookie), new TraceGroup(naming, "call_enter", cookie));
  }

  /** The dynamic linker's hook. */
  static TraceGroup defineHook(Naming naming, int fd, long offset) throws IOException {
    naming.tracefs().define(List.of(line(naming, "p", "objects_changed", fd, offset)));
    return new TraceGroup(naming, "objects_changed", 0);
  }

  private static String line(Naming naming, String type, String program, int fd, long offset) {
    return "%s:%s/%s%d /proc/self/fd/%d:0x%x"
        .formatted(type, naming.system(), program, naming.number(), fd, offset);
  }

  boolean isEnter() {
    return !program.equals("call_exit");
  }

  /**
   * The event that the BPF program hangs on. Not an inherited one: the exit of the first child
   * would take the program from all.
   *
   * @return 0 or a negative errno
   */
  int keep(int tid) {
    int event = PerfEvents.open(eventId, tid, Inheritance.NONE);
    if (event < 0) {
      return event;
    }
    descriptors.add(event);
    descriptors.add(naming.bpf().attachPerfEvent(program, event, cookie));
    return 0;
  }

  /** Lets a task have the probes; one that is gone needs none. */
  void open(int tid, Inheritance inheritance) {
    int event = PerfEvents.open(eventId, tid, inheritance);
    if (event >= 0) {
      descriptors.add(event);
    } else if (event != -Errno.ESRCH) {
      throw new BpfException("probing task " + tid + " failed: " + Errno.describe(-event));
    }
  }

  @Override
  public void close() {
    // The newest first, and the one with the program last.
    descriptors.reversed().forEach(LibC::close);
    descriptors.clear();
    naming.tracefs().remove(naming.system(), name);
  }
}
