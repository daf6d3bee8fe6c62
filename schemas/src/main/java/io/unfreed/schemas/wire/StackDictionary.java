package io.unfreed.schemas.wire;

import io.unfreed.schemas.stack.StackId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers stack ids from 0, so that events of a writer carry an int. Not thread-safe. */
public final class StackDictionary {
  private final List<StackId> ids = new ArrayList<>();
  private final Map<StackId, Integer> numbers = new HashMap<>();

  /** The number of {@code id}, a new one when it is new. */
  public int number(StackId id) {
    Integer known = numbers.putIfAbsent(id, ids.size());
    if (known != null) {
      return known;
    }
    ids.add(id);
    return ids.size() - 1;
  }

  /** The id behind a number. */
  public StackId id(int number) {
    return ids.get(number);
  }

  /** Ids numbered so far. */
  public int size() {
    return ids.size();
  }
}
