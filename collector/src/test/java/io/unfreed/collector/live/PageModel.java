package io.unfreed.collector.live;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What {@link ResidentPages} is to say, with a map of single pages. */
final class PageModel {
  private record Call(long start, NavigableMap<Long, Integer> pages) {}

  final List<String> changes = new ArrayList<>();
  final NavigableMap<Long, Integer> stacks = new TreeMap<>();
  private final Map<Integer, Call> calls = new HashMap<>();

  /** A fault of a page that is to be known from now on, or not. */
  void fault(int tid, long page, int stack, boolean isKnown) {
    end(tid);
    for (Call call : calls.values()) {
      if (call.pages.remove(page) != null) {
        changes.add("-" + page);
      }
    }
    if (isKnown) {
      stacks.put(page, stack);
    }
  }

  void begin(int tid, long start, long count) {
    end(tid);
    calls.put(tid, new Call(start, cut(start, count)));
  }

  /** A call that released its range, or whose end was lost. */
  void end(int tid) {
    Call call = calls.remove(tid);
    if (call != null) {
      call.pages.keySet().forEach(page -> changes.add("-" + page));
    }
  }

  void moved(int tid, long start, long count) {
    Call call = calls.remove(tid);
    boolean inPlace = call != null && call.start == start;
    if (!inPlace) {
      drop(start, count);
    }
    if (call == null) {
      return;
    }
    call.pages.forEach((page, stack) -> {
      long to = page - call.start + start;
      boolean fits = page - call.start < count;
      if (!inPlace || !fits) {
        changes.add("-" + page);
      }
      if (fits) {
        stacks.put(to, stack);
      }
      if (fits && !inPlace) {
        changes.add("+" + to + "/" + stack);
      }
    });
  }

  void failed(int tid) {
    Call call = calls.remove(tid);
    if (call != null) {
      call.pages.forEach(stacks::putIfAbsent);
    }
  }

  void drop(long start, long count) {
    cut(start, count).keySet().forEach(page -> changes.add("-" + page));
  }

  private NavigableMap<Long, Integer> cut(long start, long count) {
    Map<Long, Integer> range = stacks.subMap(start, true, start + count, false);
    NavigableMap<Long, Integer> cut = new TreeMap<>(range);
    range.clear();
    return cut;
  }
}
