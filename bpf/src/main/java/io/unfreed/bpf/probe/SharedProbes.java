package io.unfreed.bpf.probe;

import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.Errno;
import io.unfreed.bpf.ffi.LibC;
import io.unfreed.bpf.ffi.PerfEvents.Inheritance;
import io.unfreed.bpf.ffi.Tracefs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The probes of one object, defined once for any number of processes. The first process costs some
 * grace periods of the kernel, each further task microseconds, a child that inherits them as well.
 */
public final class SharedProbes implements AutoCloseable {
  /** What the objects of a session have in common. */
  public record Session(BpfObject bpf, Tracefs tracefs, String system, AtomicInteger numbers) {
    TraceGroup.Naming next() {
      return new TraceGroup.Naming(bpf, tracefs, system, numbers.incrementAndGet());
    }
  }

  private final List<TraceGroup> groups = new ArrayList<>();
  private final String shown;
  private final List<String> probed = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  private SharedProbes(String shown) {
    this.shown = shown;
  }

  /**
   * Defines a plan's probes and puts them into a first process.
   *
   * @param shown the object's path as users know it
   * @throws IOException when that is gone, or the object cannot be read
   * @throws BpfPermissionException when nothing may be attached
   */
  public static SharedProbes define(Session session, ProbePlan plan, String shown, int tid)
      throws IOException {
    SharedProbes made = new SharedProbes(shown);
    int fd = LibC.open(plan.binary());
    try {
      for (List<ProbePlan.Spot> spots : byPageOffset(plan.spots())) {
        made.addTogether(session, fd, spots, tid);
      }
      if (plan.linkerHook() >= 0) {
        TraceGroup hook = TraceGroup.defineHook(session.next(), fd, plan.linkerHook());
        made.groups.add(hook);
        check(hook.keep(tid), "_dl_debug_state");
      }
      return made;
    } catch (IOException | RuntimeException failed) {
      made.close();
      throw failed;
    } finally {
      LibC.close(fd);
    }
  }

  /** One that cannot be probed must not take the others with it: then each by itself. */
  private void addTogether(Session session, int fd, List<ProbePlan.Spot> spots, int tid)
      throws IOException {
    List<TraceGroup> pair = TraceGroup.define(session.next(), fd, spots);
    int error = 0;
    for (TraceGroup group : pair) {
      error = error == 0 ? group.keep(tid) : error;
    }
    if (error == 0) {
      groups.addAll(pair);
      spots.forEach(spot -> probed.add(spot.symbol() + " [" + shown + "]"));
      return;
    }
    pair.reversed().forEach(TraceGroup::close);
    if (error == -Errno.ESRCH || error == -Errno.EPERM || error == -Errno.EACCES) {
      check(error, spots.getFirst().symbol());
    }
    if (spots.size() == 1) {
      failures.add(spots.getFirst().symbol() + " is not probed: " + Errno.describe(-error));
      return;
    }
    for (ProbePlan.Spot spot : spots) {
      addTogether(session, fd, List.of(spot), tid);
    }
  }

  private static void check(int error, String symbol) throws IOException {
    if (error == -Errno.EPERM || error == -Errno.EACCES) {
      throw new BpfPermissionException("attaching to " + symbol);
    }
    if (error < 0) {
      throw new IOException("attaching to " + symbol + " failed: " + Errno.describe(-error));
    }
  }

  /** As few lists as there are functions at one page offset at most: nearly always one. */
  static List<List<ProbePlan.Spot>> byPageOffset(List<ProbePlan.Spot> spots) {
    List<Map<Long, ProbePlan.Spot>> lists = new ArrayList<>();
    for (ProbePlan.Spot spot : spots) {
      long offset = spot.fileOffset() % TraceGroup.TABLE;
      lists.stream()
          .filter(list -> !list.containsKey(offset))
          .findFirst()
          .orElseGet(() -> {
            lists.add(new LinkedHashMap<>());
            return lists.getLast();
          })
          .put(offset, spot);
    }
    return lists.stream().map(list -> List.copyOf(list.values())).toList();
  }

  /** Lets a task have them. */
  public void open(int tid, Inheritance inheritance) {
    groups.forEach(group -> group.open(tid, inheritance));
  }

  /** As in {@code malloc [/lib/x86_64-linux-gnu/libc.so.6]}. */
  public List<String> probed() {
    return List.copyOf(probed);
  }

  /** What could not be probed though the object has it, one line each. */
  public List<String> failures() {
    return List.copyOf(failures);
  }

  /** Enters before exits, so that an exit without its enter is none of our making. */
  @Override
  public void close() {
    groups.stream().filter(TraceGroup::isEnter).forEach(TraceGroup::close);
    groups.stream().filter(group -> !group.isEnter()).forEach(TraceGroup::close);
    groups.clear();
  }
}
