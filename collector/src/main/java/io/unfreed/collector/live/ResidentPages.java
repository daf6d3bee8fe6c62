package io.unfreed.collector.live;

import java.util.HashMap;
import java.util.Map;

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
  private record Release(long start, PageTable pages) {}

  private final PageMemory memory;
  private final PageTable pages;
  private final Map<Integer, Release> releases = new HashMap<>();

  ResidentPages(PageMemory memory) {
    this.memory = memory;
    this.pages = new PageTable(memory);
  }

  /**
   * A page was not there; the change itself is the caller's to tell.
   *
   * @return false when there is no room to know it: what releases it will not be told
   */
  boolean fault(int tid, long page, int stack, Changes changes) {
    settle(tid, changes);
    for (Release release : releases.values()) {
      if (release.pages().remove(page)) {
        changes.gone(page);
      }
    }
    if (!memory.hasRoom() && !pages.has(page)) {
      return false;
    }
    pages.put(page, stack);
    return true;
  }

  /** A thread enters a call that releases a range, or moves it, and may fail. */
  void begin(int tid, long start, long count, Changes changes) {
    settle(tid, changes);
    releases.put(tid, new Release(start, pages.take(start, count)));
  }

  /** The thread's call released its range. */
  void released(int tid, Changes changes) {
    settle(tid, changes);
  }

  /** The thread's call made another range of its range: what fits in is there now. */
  void moved(int tid, long start, long count, Changes changes) {
    Release release = releases.remove(tid);
    boolean isInPlace = release != null && release.start() == start;
    if (!isInPlace) {
      drop(start, count, changes);
    }
    if (release == null) {
      return;
    }
    release
        .pages()
        .forEach((page, stack) -> {
          long place = page - release.start();
          boolean stays = place < count && isInPlace;
          if (!stays) {
            changes.gone(page);
          }
          if (place < count) {
            pages.put(start + place, stack);
            if (!stays) {
              changes.came(start + place, stack);
            }
          }
        });
    release.pages().clear();
  }

  /** The thread's call failed: all is as it was. */
  void failed(int tid) {
    Release release = releases.remove(tid);
    if (release != null) {
      release
          .pages()
          .forEach((page, stack) -> {
            if (!pages.has(page)) {
              pages.put(page, stack);
            }
          });
      release.pages().clear();
    }
  }

  /** The pages of a range are gone. */
  void drop(long start, long count, Changes changes) {
    tell(pages.take(start, count), changes);
  }

  /** Nothing is known any more, and nothing told of it. */
  void clear() {
    pages.clear();
    releases.values().forEach(release -> release.pages().clear());
    releases.clear();
  }

  /** A call whose end was not seen counts as one that released. */
  private void settle(int tid, Changes changes) {
    Release release = releases.remove(tid);
    if (release != null) {
      tell(release.pages(), changes);
    }
  }

  private static void tell(PageTable gone, Changes changes) {
    gone.forEach((page, stack) -> changes.gone(page));
    gone.clear();
  }
}
