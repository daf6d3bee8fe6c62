package io.unfreed.server.answer;

import io.unfreed.streams.lane.StackKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes and blocks of the stacks of a session over time; the smallest ones, and those beyond what
 * there is room for, share one line. Not thread-safe while it is filled; afterwards nothing that is
 * asked changes anything.
 */
final class StackLines {
  private final Map<StackKey, StackSums> own = new HashMap<>();
  private StackSums others;

  /** Is told of stacks. */
  interface Visitor {
    void stack(StackKey key, StackSums stack);
  }

  /** Visits all; the key is null for those that share a line. */
  void forEach(Visitor visitor) {
    own.forEach(visitor::stack);
    if (others != null) {
      visitor.stack(null, others);
    }
  }

  /** Adds the line of a stack, which is not changed any more; null for those that share one. */
  void add(StackKey key, StackSums line) {
    line.settle();
    if (key == null) {
      share(line);
    } else if (own.containsKey(key)) {
      own.get(key).addAll(line); // another lane's
    } else {
      own.put(key, line);
    }
  }

  private void share(StackSums line) {
    others = others == null ? new StackSums() : others;
    others.addAll(line);
  }

  /** Lines that may be changed, while these stay: each is copied when it is. */
  StackLines fork() {
    StackLines fork = new StackLines();
    fork.own.putAll(own);
    fork.others = others == null ? null : others.copy();
    return fork;
  }

  /** Two slots become one, in copies. */
  void halve() {
    own.replaceAll((key, line) -> halved(line));
    others = others == null ? null : halved(others);
  }

  private static StackSums halved(StackSums line) {
    StackSums halved = line.copy();
    halved.halve();
    return halved;
  }

  /**
   * Spreads what changed of a stack over slots. One that shares a line goes on to do so as long as
   * it has blocks: its own would begin below what it has. What of a line's end is in the shared one
   * (of another lane, for which there was no room) is taken from there, so that none ends below 0.
   *
   * @param wasOutstanding it had blocks before
   */
  void change(
      StackKey key, boolean wasOutstanding, int from, int to, long moreBytes, long moreCount) {
    boolean isShared = wasOutstanding || own.size() >= Timeline.MOST_STACKS;
    if (!own.containsKey(key) && isShared) {
      others = others == null ? new StackSums() : others;
      others.spread(from, to, moreBytes, moreCount);
      return;
    }
    StackSums line = own.containsKey(key) ? own.get(key).copy() : new StackSums();
    own.put(key, line);
    long bytesOfOthers = Math.min(0, line.endBytes() + moreBytes);
    long countOfOthers = Math.min(0, line.endCount() + moreCount);
    line.spread(from, to, moreBytes - bytesOfOthers, moreCount - countOfOthers);
    if (bytesOfOthers != 0 || countOfOthers != 0) {
      others = others == null ? new StackSums() : others;
      others.spread(from, to, bytesOfOthers, countOfOthers);
    }
  }

  /** Half of the room is made at once, so that it is made rarely: the smallest share a line. */
  void bound(long mostWords, int slots) {
    long words = words();
    if (words <= mostWords) {
      return;
    }
    List<Map.Entry<StackKey, StackSums>> lines = new ArrayList<>(own.entrySet());
    lines.sort(
        Comparator.comparingDouble((Map.Entry<StackKey, StackSums> e) -> e.getValue().area(slots)));
    for (Map.Entry<StackKey, StackSums> smallest : lines) {
      if (words <= mostWords / 2) {
        break;
      }
      words -= smallest.getValue().words();
      share(smallest.getValue());
      own.remove(smallest.getKey());
    }
  }

  /** Numbers for which there is room. */
  long words() {
    long words = others == null ? 0 : others.words();
    for (StackSums line : own.values()) {
      words += line.words();
    }
    return words;
  }
}
