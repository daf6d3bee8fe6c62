package io.unfreed.collector.live;

import io.unfreed.shim.arena.ArenaCounters;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How a recording by the library went. */
final class ShimEnding {
  private ShimEnding() {}

  static Ending of(List<ShimSource> sources, long lost, long incompleteStacks) {
    long received = sources.stream().mapToLong(source -> source.lanes().received()).sum();
    ArenaCounters told = new ArenaCounters();
    sources.forEach(source -> told.add(source.reader().counters()));
    Map<String, Long> named = new TreeMap<>();
    long malformed = sources.stream().mapToLong(source -> source.lanes().malformed()).sum();
    put(named, "ringFull", lost - told.unregistered() - malformed);
    put(named, "malformed", malformed);
    put(named, "threadsWithoutRing", told.unregistered());
    put(named, "brokenRings", told.brokenRings());
    put(named, "malformedImages", told.malformedImages());
    put(named, "nested", told.nested());
    put(named, "ringWaits", told.waits());
    put(named, "stackChecks", told.checks());
    put(named, "stackMismatches", told.mismatches());
    put(named, "stackChecksIncomplete", told.incompleteChecked());
    put(named, "complexWalks", told.complexWalks());
    put(named, "processesRefused", told.refused());
    put(named, "stacksStarved", told.starvedStacks());
    put(named, "incompleteStacks", incompleteStacks);
    return new Ending(received + lost, received, lost, named);
  }

  private static void put(Map<String, Long> named, String name, long value) {
    if (value > 0) {
      named.put(name, value);
    }
  }
}
