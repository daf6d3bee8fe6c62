package io.unfreed.bpf.symbols;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Resolves the return addresses of one live process against a snapshot of its mappings. Take a new
 * snapshot when a stack's generation differs from the last one seen; when the process is gone the
 * old snapshot answers on. One thread.
 */
public final class ProcessSymbols {
  private final int tgid;
  private final ObjectSymbolCache cache;
  private ProcessMaps maps;
  private Optional<PerfMap> jit;

  private ProcessSymbols(int tgid, ObjectSymbolCache cache, ProcessMaps maps) {
    this.tgid = tgid;
    this.cache = cache;
    this.maps = maps;
    this.jit = PerfMap.read(tgid);
    maps.objects().forEach(cache::hold);
  }

  /**
   * Reads a process's mappings.
   *
   * @throws IOException when it is gone or not ours to read
   */
  public static ProcessSymbols open(int tgid, ObjectSymbolCache cache) throws IOException {
    return new ProcessSymbols(tgid, cache, ProcessMaps.read(tgid));
  }

  /** Takes a new snapshot; false when the process is gone and the old one stays. */
  public boolean refresh() {
    try {
      ProcessMaps now = ProcessMaps.read(tgid);
      if (now.objects().isEmpty()) {
        return false; // a zombie has no mappings
      }
      maps = now;
      maps.objects().forEach(cache::hold);
      jit = PerfMap.read(tgid);
      return true;
    } catch (IOException gone) {
      return false;
    }
  }

  /** The call that a return address belongs to. */
  public ResolvedFrame resolve(long returnAddress) {
    long ip = returnAddress - 1;
    Optional<MappedObject> object = maps.covering(ip);
    if (object.isPresent()) {
      return cache.resolve(object.get(), ip);
    }
    List<SourceFrame> names =
        jit.flatMap(map -> map.lookup(ip)).map(List::of).orElse(List.of());
    return new ResolvedFrame(null, null, ip, names);
  }
}
