package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ffi.BpfObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** System calls are seen wherever they are made: a process need only be known. */
final class CallProbing implements Probing {
  private static final List<String> CALLS =
      List.of("system call mmap", "system call munmap", "system call mremap", "system call brk");

  private static final List<String> PAGES = List.of("system call madvise", "page faults");

  private final BpfMap targets;
  private final boolean followChildren;
  private final List<String> seen = new ArrayList<>(CALLS);
  private final Set<Integer> told = ConcurrentHashMap.newKeySet();

  CallProbing(BpfObject bpf, LiveSessionConfig config) {
    this.targets = bpf.map("targets");
    this.followChildren = config.followChildren();
    if (config.pageFaults()) {
      seen.addAll(PAGES);
    }
  }

  @Override
  public boolean isInherited() {
    return followChildren;
  }

  @Override
  public boolean has(int tgid) {
    return targets.get(tgid).isPresent();
  }

  @Override
  public void begin(int tgid) {
    // The map of targets says it all.
  }

  @Override
  public AttachReport attachMapped(int tgid) throws IOException {
    if (!Files.exists(Path.of("/proc/" + tgid))) {
      throw new NoSuchFileException("/proc/" + tgid);
    }
    return report(tgid);
  }

  @Override
  public AttachReport attachFiles(int tgid, List<Path> files) {
    return report(tgid);
  }

  @Override
  public AttachReport attachAnew(int tgid) throws IOException {
    return attachMapped(tgid);
  }

  private AttachReport report(int tgid) {
    List<String> fresh = told.add(tgid) ? List.copyOf(seen) : List.of();
    return new AttachReport(tgid, System.nanoTime(), fresh, List.of());
  }

  @Override
  public void forget(int tgid) {
    told.remove(tgid);
  }

  @Override
  public List<Integer> recorded() {
    return targets.keys();
  }

  @Override
  public void close() {
    // Nothing was attached.
  }
}
