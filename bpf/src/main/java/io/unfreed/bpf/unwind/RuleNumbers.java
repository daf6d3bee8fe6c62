package io.unfreed.bpf.unwind;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers of rules, the same for all files. One thread at a time. */
final class RuleNumbers {
  static final int MOST = 1 << 16;

  private final Map<Long, Integer> numbers = new HashMap<>();
  private final List<Long> fresh = new ArrayList<>();

  RuleNumbers() {
    number(RuleTable.KIND_COMPLEX); // 0, which the map holds from the start by being written first
  }

  /** The number of a rule; 0 for "complex", and for what comes when all are given. */
  int number(long rule) {
    Integer known = numbers.get(rule);
    if (known != null) {
      return known;
    }
    if (numbers.size() == MOST) {
      return 0;
    }
    int number = numbers.size();
    numbers.put(rule, number);
    fresh.add(rule);
    return number;
  }

  /** The rules that have got a number and were not forgotten, the last one having the highest. */
  List<Long> fresh() {
    return List.copyOf(fresh);
  }

  /** They are where they are needed. */
  void forgetFresh() {
    fresh.clear();
  }

  int count() {
    return numbers.size();
  }
}
