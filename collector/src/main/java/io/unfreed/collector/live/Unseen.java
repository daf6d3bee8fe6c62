package io.unfreed.collector.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a recording by the library did not see, for people and for the session's facts. */
final class Unseen {
  private static final int MOST_NAMED = 20;

  /** Which of these it was, nobody has told. */
  private static final String WHY =
      " (one of: static, setuid, with a sanitizer, for another or an older libc, in another root,"
          + " with too little address space, or forked by a signal handler amid a record)";

  private final List<String> always;
  private final Map<String, Integer> images = new TreeMap<>();
  private int others;

  /** With what this way never sees. */
  Unseen(List<String> always) {
    this.always = List.copyOf(always);
  }

  /** An image that ran without the library. */
  void image(String path) {
    if (images.containsKey(path) || images.size() < MOST_NAMED) {
      images.merge(path, 1, Integer::sum);
    } else {
      others++;
    }
  }

  /** A line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(always);
    images.forEach((path, count) ->
        lines.add((count == 1 ? "a process of " : count + " processes of ") + path + WHY));
    if (others > 0) {
      lines.add(others + " processes of other programs");
    }
    return lines;
  }
}
