package io.unfreed.collector.live;

import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.symbols.ObjectSymbolCache;
import io.unfreed.bpf.symbols.PerfMap;
import io.unfreed.bpf.symbols.SourceFrame;
import io.unfreed.bpf.symbols.Teller;
import io.unfreed.shim.arena.ImageModules;
import io.unfreed.shim.arena.NodeReader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One recorded image's code: which object an address is in, and the numbers of its stacks. */
final class ImageCode {
  /** A JIT's map is read again for a new address not more often than this. */
  private static final long PERF_MAP_NANOS = 1_000_000_000L;

  private static final int CHUNK_SHIFT = 12;
  private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
  private static final int MOST_CHUNKS = 1 << 16;

  private record Address(long address, int generation) {}

  private final Teller teller;
  private final NodeReader nodes;
  private final ImageModules modules;
  private final ObjectSymbolCache cache;
  private final Map<Address, CodeLocation> places = new HashMap<>();
  private Optional<PerfMap> jit = Optional.empty();
  private long jitReadNanos = System.nanoTime() - PERF_MAP_NANOS;

  /** By node: the number of its stack plus 1, in chunks; 0 is not resolved. */
  private int[][] numbers = new int[16][];

  ImageCode(Teller teller, NodeReader nodes, ImageModules modules, ObjectSymbolCache cache) {
    this.teller = teller;
    this.nodes = nodes;
    this.modules = modules;
    this.cache = cache;
  }

  /** Whose code it is. */
  Teller teller() {
    return teller;
  }

  /** The number of a node's stack. */
  int number(ShimStacks stacks, int node) {
    int chunk = node >>> CHUNK_SHIFT;
    if (chunk < numbers.length && numbers[chunk] != null) {
      int known = numbers[chunk][node & CHUNK_MASK];
      if (known != 0) {
        return known - 1;
      }
    }
    return resolve(stacks, node);
  }

  private int resolve(ShimStacks stacks, int node) {
    int number = stacks.resolve(this, nodes, node);
    int chunk = node >>> CHUNK_SHIFT;
    if (number == ShimStacks.UNKNOWN || chunk >= MOST_CHUNKS) {
      return number;
    }
    if (chunk >= numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(chunk + 1, numbers.length * 2));
    }
    if (numbers[chunk] == null) {
      numbers[chunk] = new int[CHUNK_MASK + 1];
    }
    numbers[chunk][node & CHUNK_MASK] = number + 1;
    return number;
  }

  /** The place of a lookup address. */
  CodeLocation locate(long address, int generation) {
    Address at = new Address(address, generation);
    CodeLocation known = places.get(at);
    if (known == null || known.isStale()) {
      known = find(at);
      places.put(at, known);
    }
    return known;
  }

  private CodeLocation find(Address at) {
    Optional<ImageModules.Module> module = modules.at(at.address, at.generation);
    if (module.isPresent() && !module.get().path().isEmpty()) {
      ImageModules.Module in = module.get();
      return cache.locate(in.path(), in.buildId(), teller, at.address - in.bias());
    }
    return new CodeLocation(null, null, at.address, null, jitName(at.address));
  }

  private List<SourceFrame> jitName(long address) {
    Optional<SourceFrame> name = jit.flatMap(map -> map.lookup(address));
    if (name.isEmpty() && System.nanoTime() - jitReadNanos > PERF_MAP_NANOS) {
      jit = PerfMap.read(teller.tgid()).or(() -> jit);
      jitReadNanos = System.nanoTime();
      name = jit.flatMap(map -> map.lookup(address));
    }
    return name.map(List::of).orElse(List.of());
  }
}
