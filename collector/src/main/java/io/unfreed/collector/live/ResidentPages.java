package io.unfreed.collector.live;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The pages of one address space that faults were seen to make resident, by page number. What is
 * unmapped, moved or dropped in ranges becomes changes of single pages here. Used by one thread.
 *
 * <p>Scenario of a page that comes again, pinned by a test: a thread enters munmap, the kernel
 * unmaps, another thread maps the range anew and touches it, and only then the first thread's exit
 * is told. The old page is gone before the new one comes, and the exit leaves the new one alone.
 */
final class ResidentPages {
  /** Hears which pages change; the stack is that of the fault, by its number. */
  interface Changes {
    void gone(long page);

    void came(long page, int stack);
  }

  /** What a call that has begun will release. */
  private record Release(long start, NavigableMap<Long, Integer> pages) {}

  private final NavigableMap<Long, Integer> stacks = new TreeMap<>();
  private final Map<Integer, Release> releases = new HashMap<>();

  /** A page was not there; the change itself is the caller's to tell. */
  void fault(int tid, long page, int stack, Changes changes) {
    settle(tid, changes);
    for (Release release : releases.values()) {
      if (release.pages().remove(page) != null) {
        changes.gone(page);
      }
    }
    stacks.put(page, stack);
  }

  /** A thread enters a call that releases a range, or moves it, and may fail. */
  void begin(int tid, long start, long pages, Changes changes) {
    settle(tid, changes);
    NavigableMap<Long, Integer> range = range(start, pages);
    releases.put(tid, new Release(start, new TreeMap<>(range)));
    range.clear();
  }

  /** The thread's call released its range. */
  void released(int tid, Changes changes) {
    settle(tid, changes);
  }

  /** The thread's call made another range of its range: what fits in is there now. */
  void moved(int tid, long start, long pages, Changes changes) {
    Release release = releases.remove(tid);
    boolean isInPlace = release != null && release.start() == start;
    if (!isInPlace) {
      drop(start, pages, changes);
    }
    if (release == null) {
      return;
    }
    release
        .pages()
        .forEach((page, stack) -> {
          long place = page - release.start();
          boolean stays = isInPlace && place < pages;
          if (!stays) {
            changes.gone(page);
          }
          if (place < pages) {
            stacks.put(start + place, stack);
            if (!stays) {
              changes.came(start + place, stack);
            }
          }
        });
  }

  /** The thread's call failed: all is as it was. */
  void failed(int tid) {
    Release release = releases.remove(tid);
    if (release != null) {
      release.pages().forEach(stacks::putIfAbsent);
    }
  }

  /** The pages of a range are gone. */
  void drop(long start, long pages, Changes changes) {
    NavigableMap<Long, Integer> range = range(start, pages);
    List<Long> gone = new ArrayList<>(range.keySet());
    range.clear();
    gone.forEach(changes::gone);
  }

  /** A call whose end was not seen counts as one that released. */
  private void settle(int tid, Changes changes) {
    Release release = releases.remove(tid);
    if (release != null) {
      release.pages().keySet().forEach(changes::gone);
    }
  }

  private NavigableMap<Long, Integer> range(long start, long pages) {
    return stacks.subMap(start, true, start + pages, false);
  }
}
