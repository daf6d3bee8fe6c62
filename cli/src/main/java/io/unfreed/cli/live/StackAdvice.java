package io.unfreed.cli.live;

import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.collector.live.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How many stacks of a recording are incomplete and why, in one line. */
final class StackAdvice {
  private StackAdvice() {}

  /** The line; null when all are whole. */
  static String of(Ending ending) {
    long stacks = counter(ending, "incompleteStacks");
    if (stacks == 0) {
      return null;
    }
    List<String> reasons = new ArrayList<>();
    for (Incomplete why : Incomplete.values()) {
      long found = counter(ending, name(why));
      if (found > 0) {
        reasons.add(found == stacks ? why.text() : found + " " + why.text());
      }
    }
    return stacks
        + (stacks == 1 ? " stack is" : " stacks are")
        + " incomplete"
        + (reasons.isEmpty() ? "" : " (" + String.join("; ", reasons) + ")");
  }

  private static String name(Incomplete why) {
    StringBuilder name = new StringBuilder("incomplete");
    for (String word : why.name().toLowerCase(Locale.ROOT).split("_")) {
      name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return name.toString();
  }

  private static long counter(Ending ending, String name) {
    return ending.counters().getOrDefault(name, 0L);
  }
}
