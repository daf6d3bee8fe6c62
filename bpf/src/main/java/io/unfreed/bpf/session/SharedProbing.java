package io.unfreed.bpf.session;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.elf.FileIdentity;
import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.NativePath;
import io.unfreed.bpf.ffi.PerfEvents;
import io.unfreed.bpf.ffi.PerfEvents.Inheritance;
import io.unfreed.bpf.ffi.Tracefs;
import io.unfreed.bpf.probe.ProbePlan;
import io.unfreed.bpf.probe.SharedProbes;
import io.unfreed.bpf.symbols.MappedObject;
import io.unfreed.bpf.symbols.ProcessMaps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Every object's probes are defined once and opened on every recorded task; with children followed,
 * tasks inherit them. So what a new process maps has its probes before its first instruction, but
 * for objects nobody mapped before: for these the BPF program holds it.
 */
final class SharedProbing implements Probing {
  private final SharedProbes.Session session;
  private final LiveSessionConfig config;
  private final BpfMap targets;
  private final Map<String, Optional<SharedProbes>> objects = new HashMap<>();
  private final Set<Integer> roots = new LinkedHashSet<>();

  private SharedProbing(BpfObject bpf, LiveSessionConfig config, Tracefs tracefs) {
    this.config = config;
    this.targets = bpf.map("targets");
    this.session = new SharedProbes.Session(bpf, tracefs, TraceSystems.own(), new AtomicInteger());
  }

  /** Whether this kernel can: trace events of user code, 6.7's and 6.12's additions. */
  static boolean isPossible() {
    if (!BpfObject.hasKernelFunction("bpf_iter_task_vma_new") || !PerfEvents.canInherit()) {
      return false;
    }
    try {
      Tracefs.open().close();
      return true;
    } catch (BpfException refused) {
      return false;
    }
  }

  static SharedProbing open(BpfObject bpf, LiveSessionConfig config) {
    Tracefs tracefs = Tracefs.open();
    TraceSystems.sweep(tracefs);
    return new SharedProbing(bpf, config, tracefs);
  }

  @Override
  public boolean isInherited() {
    return config.followChildren();
  }

  @Override
  public synchronized boolean has(int tgid) {
    return roots.contains(tgid) || targets.get(tgid).isPresent();
  }

  @Override
  public synchronized void begin(int tgid) {
    roots.add(tgid);
  }

  @Override
  public synchronized AttachReport attachMapped(int tgid) throws IOException {
    return attach(tgid, false);
  }

  @Override
  public synchronized AttachReport attachAnew(int tgid) throws IOException {
    return attach(tgid, true);
  }

  private AttachReport attach(int tgid, boolean anew) throws IOException {
    List<String> probed = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Set<String> mapped = new HashSet<>();
    if (anew) {
      objects.values().forEach(known -> known.ifPresent(probes -> openOn(probes, tgid)));
    }
    for (MappedObject object : ProcessMaps.read(tgid).objects()) {
      Path file = object.openable();
      String identity = FileIdentity.of(file);
      if (!config.wants(NativePath.of(object.path())) || !mapped.add(identity)) {
        continue; // one object has several mappings
      }
      if (!objects.containsKey(identity)) {
        attachObject(tgid, file, object.path(), probed, notes);
      } else if (anew) {
        objects.get(identity).ifPresent(known -> probed.addAll(known.probed()));
      }
    }
    return new AttachReport(tgid, System.nanoTime(), probed, notes);
  }

  @Override
  public synchronized AttachReport attachFiles(int tgid, List<Path> files) {
    List<String> probed = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Path file : files) {
      Optional<SharedProbes> known = objects.get(FileIdentity.of(file));
      if (known != null) {
        known.ifPresent(probes -> openOn(probes, tgid));
        known.ifPresent(probes -> probed.addAll(probes.probed()));
      } else if (config.wants(file)) {
        attachObject(tgid, file, file.toString(), probed, notes);
      }
    }
    return new AttachReport(tgid, System.nanoTime(), probed, notes);
  }

  private void attachObject(
      int tgid, Path file, String shown, List<String> probed, List<String> notes) {
    String identity = FileIdentity.of(file);
    try {
      ProbePlan plan = ProbePlan.of(file, config.symbolsPrefix());
      if (plan.isEmpty()) {
        objects.put(identity, Optional.empty());
        return;
      }
      SharedProbes made = SharedProbes.define(session, plan, shown, tgid);
      objects.put(identity, Optional.of(made));
      openOn(made, this::tasks);
      probed.addAll(made.probed());
      made.failures().forEach(failure -> notes.add(shown + ": " + failure));
    } catch (BpfPermissionException refused) {
      throw refused;
    } catch (IOException | RuntimeException unreadable) {
      notes.add(shown + " is not probed: " + unreadable.getMessage());
    }
  }

  private void openOn(SharedProbes probes, int tgid) {
    openOn(probes, () -> TaskList.of(tgid));
  }

  /** A task made meanwhile has its maker's events or is in the next round. */
  private void openOn(SharedProbes probes, Supplier<List<Integer>> tasks) {
    Set<Integer> done = new HashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (int tid : tasks.get()) {
        if (done.add(tid)) {
          probes.open(tid, inheritance());
          more = true;
        }
      }
    }
  }

  private Inheritance inheritance() {
    return isInherited() ? Inheritance.THREADS_AND_CHILDREN : Inheritance.THREADS;
  }

  private List<Integer> tasks() {
    Set<Integer> processes = new LinkedHashSet<>(roots);
    if (isInherited()) {
      processes.addAll(targets.keys());
    }
    return processes.stream().flatMap(tgid -> TaskList.of(tgid).stream()).toList();
  }

  @Override
  public synchronized void forget(int tgid) {
    // Its events stay open until the end: its children's hang on them.
    roots.remove(tgid);
  }

  @Override
  public synchronized List<Integer> recorded() {
    return targets.keys();
  }

  @Override
  public synchronized void close() {
    objects.values().forEach(known -> known.ifPresent(SharedProbes::close));
    objects.clear();
    session.tracefs().removeGroup(session.system());
    session.tracefs().close();
  }
}
