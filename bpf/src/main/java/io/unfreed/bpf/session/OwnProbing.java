package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.BpfObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Each process has probes of its own: kernels before 6.12, or without user trace events, or without
 * the privilege to define them.
 */
final class OwnProbing implements Probing {
  private final BpfObject bpf;
  private final LiveSessionConfig config;
  private final boolean together;
  private final Map<Integer, TargetProbes> probes = new ConcurrentHashMap<>();

  /**
   * No process yet.
   *
   * @param together the probes of an object are links, not perf events
   */
  OwnProbing(BpfObject bpf, LiveSessionConfig config, boolean together) {
    this.bpf = bpf;
    this.config = config;
    this.together = together;
  }

  @Override
  public boolean isInherited() {
    return false;
  }

  @Override
  public boolean has(int tgid) {
    return probes.containsKey(tgid);
  }

  @Override
  public void begin(int tgid) {
    of(tgid);
  }

  @Override
  public AttachReport attachMapped(int tgid) throws IOException {
    return of(tgid).attachMapped();
  }

  @Override
  public AttachReport attachFiles(int tgid, List<Path> files) {
    return of(tgid).attachFiles(files);
  }

  @Override
  public AttachReport attachAnew(int tgid) throws IOException {
    return of(tgid).attachAnew();
  }

  private TargetProbes of(int tgid) {
    return probes.computeIfAbsent(tgid, t -> new TargetProbes(bpf, config, together, t));
  }

  @Override
  public void forget(int tgid) {
    TargetProbes gone = probes.remove(tgid);
    if (gone != null) {
      gone.close();
    }
  }

  @Override
  public List<Integer> recorded() {
    return List.copyOf(probes.keySet());
  }

  @Override
  public void close() {
    List<TargetProbes> attached = List.copyOf(probes.values());
    probes.clear();
    attached.forEach(TargetProbes::close);
  }
}
