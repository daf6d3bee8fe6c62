package io.unfreed.bpf.probe;

import io.unfreed.bpf.BpfAttachException;
import io.unfreed.bpf.ffi.BpfLink;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.UprobeSpot;
import io.unfreed.bpf.ffi.UprobeSpots;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The probes of one object in one process. Exits are attached before enters and enters detached
 * before exits, so that no call is entered without its exit being seen.
 */
public final class Attachment implements AutoCloseable {
  private final ProbePlan plan;
  private final List<BpfLink> exits = new ArrayList<>();
  private final List<BpfLink> enters = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  private Attachment(ProbePlan plan) {
    this.plan = plan;
  }

  /**
   * Attaches a plan to a process, all its enters by one link and all its exits by another: one wait
   * for the kernel each, whatever their number.
   *
   * @throws io.unfreed.bpf.BpfPermissionException when nothing may be attached
   */
  public static Attachment attachTogether(BpfObject bpf, ProbePlan plan, int tgid) {
    Attachment made = new Attachment(plan);
    try {
      if (!plan.spots().isEmpty()) {
        made.attachSpots(bpf, plan.spots(), tgid);
      }
      if (plan.linkerHook() >= 0) {
        UprobeSpots hook =
            new UprobeSpots(plan.binary(), new long[] {plan.linkerHook()}, new long[1], false);
        made.enters.add(bpf.attachTogether("modules_changed", "_dl_debug_state", hook, tgid));
      }
      return made;
    } catch (RuntimeException failed) {
      made.close();
      throw failed;
    }
  }

  /** One that cannot be probed must not take the others with it: then each by itself. */
  private void attachSpots(BpfObject bpf, List<ProbePlan.Spot> spots, int tgid) {
    String symbol = spots.getFirst().symbol();
    BpfLink exit = null;
    try {
      exit = bpf.attachTogether("call_exit", symbol, together(spots, true), tgid);
      enters.add(bpf.attachTogether("call_enter", symbol, together(spots, false), tgid));
      exits.add(exit);
    } catch (BpfAttachException refused) {
      if (exit != null) {
        exit.close();
      }
      if (spots.size() == 1) {
        failures.add(refused.getMessage());
        return;
      }
      spots.forEach(spot -> attachSpots(bpf, List.of(spot), tgid));
    }
  }

  private UprobeSpots together(List<ProbePlan.Spot> spots, boolean atReturn) {
    long[] offsets = spots.stream().mapToLong(ProbePlan.Spot::fileOffset).toArray();
    long[] cookies = spots.stream().mapToLong(spot -> spot.function().id()).toArray();
    return new UprobeSpots(plan.binary(), offsets, cookies, atReturn);
  }

  /**
   * Attaches a plan to a process, by a perf event for each probe.
   *
   * @throws io.unfreed.bpf.BpfPermissionException when nothing may be attached
   */
  public static Attachment attach(BpfObject bpf, ProbePlan plan, int tgid) {
    Attachment made = new Attachment(plan);
    try {
      for (ProbePlan.Spot spot : plan.spots()) {
        made.attachSpot(bpf, spot, tgid);
      }
      if (plan.linkerHook() >= 0) {
        UprobeSpot hook = new UprobeSpot(plan.binary(), plan.linkerHook(), false, 0);
        made.enters.add(bpf.attachUprobe("modules_changed", "_dl_debug_state", hook, tgid));
      }
      return made;
    } catch (RuntimeException failed) {
      made.close();
      throw failed;
    }
  }

  private void attachSpot(BpfObject bpf, ProbePlan.Spot spot, int tgid) {
    int id = spot.function().id();
    BpfLink exit = null;
    try {
      UprobeSpot leave = new UprobeSpot(plan.binary(), spot.fileOffset(), true, id);
      UprobeSpot enter = new UprobeSpot(plan.binary(), spot.fileOffset(), false, id);
      exit = bpf.attachUprobe("call_exit", spot.symbol(), leave, tgid);
      enters.add(bpf.attachUprobe("call_enter", spot.symbol(), enter, tgid));
      exits.add(exit);
    } catch (BpfAttachException refused) {
      if (exit != null) {
        exit.close();
      }
      failures.add(refused.getMessage());
    }
  }

  public ProbePlan plan() {
    return plan;
  }

  /** What could not be probed though the object has it, one line each. */
  public List<String> failures() {
    return List.copyOf(failures);
  }

  /** Entries before exits, so that an exit without its enter is none of our making. */
  @Override
  public void close() {
    closeTogether(enters);
    closeTogether(exits);
  }

  /** The kernel waits for a grace period per probe; those that are waited for together are one. */
  private static void closeTogether(List<BpfLink> links) {
    try (ExecutorService closers =
        Executors.newFixedThreadPool(
            Math.max(1, links.size()),
            Thread.ofPlatform().daemon().name("unfreed-detach").factory())) {
      links.forEach(link -> closers.execute(link::close));
    }
    links.clear();
  }
}
