package io.unfreed.streams.model;

import io.unfreed.schemas.wire.EventCodes;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often each rule of the event table fired: an event and the counters that it moved. */
public final class RuleTable {
  /** Event, then a counter that it must have moved at least once in a run. */
  private static final String[] MUST = {
    "ALLOC_HEAP allocations",
    "ALLOC_HEAP superseded",
    "ALLOC_HEAP frees",
    "ALLOC_HEAP missing",
    "FREE_HEAP frees",
    "FREE_HEAP unmatched",
    "FREE_HEAP temporary",
    "FREE_HEAP missing",
    "FREE_AT_THREAD_END frees",
    "FREE_AT_THREAD_END temporary",
    "FREE_AT_THREAD_END nothing",
    "INTENT_HEAP nothing",
    "INTENT_HEAP missing",
    "OUTCOME_HEAP frees+allocations",
    "OUTCOME_HEAP temporary",
    "OUTCOME_HEAP unmatched",
    "OUTCOME_HEAP frees",
    "OUTCOME_HEAP superseded",
    "OUTCOME_HEAP missing",
    "OUTCOME_FAILED nothing",
    "MAP allocations",
    "MAP frees",
    "MAP shrinks",
    "MAP temporary",
    "MAP missing",
    "UNMAP frees",
    "UNMAP shrinks",
    "UNMAP unmatched",
    "UNMAP temporary",
    "UNMAP missing",
    "INTENT_MAPPING nothing",
    "INTENT_MAPPING missing",
    "OUTCOME_MAPPING frees",
    "OUTCOME_MAPPING shrinks",
    "OUTCOME_MAPPING unmatched",
    "OUTCOME_MAPPING temporary",
    "OUTCOME_MAPPING frees+allocations",
    "OUTCOME_MAPPING missing",
    "ALLOC_SLAB allocations",
    "ALLOC_SLAB superseded",
    "FREE_SLAB frees",
    "FREE_SLAB unmatched",
    "ALLOC_PAGE allocations",
    "FREE_PAGE frees",
    "ALLOC_PERCPU allocations",
    "FREE_PERCPU frees",
    "EXEC closedByExec",
    "EXEC missing",
    "EXIT nothing",
    "EXIT missing",
    "END nothing",
    "END missing",
    "LOST nothing",
    "MARK nothing",
    "FORK nothing",
  };

  private static final Map<Integer, String> NAMES = names();

  private final Map<String, Long> fired = new TreeMap<>();

  void apply(ReferenceModel model, Event e) {
    Map<String, Long> before = new HashMap<>(model.total);
    long bytes = model.bytes;
    model.apply(e);
    String name = NAMES.get(e.code());
    List<String> moved = new ArrayList<>();
    for (String counter :
        new String[] {
          "frees", "unmatched", "superseded", "closedByExec", "temporary", "missing", "allocations"
        }) {
      if (!model.total.getOrDefault(counter, 0L).equals(before.getOrDefault(counter, 0L))) {
        moved.add(counter);
      }
    }
    moved.forEach(counter -> count(name + " " + counter));
    boolean shrinks =
        e.code() <= EventCodes.FREE_PERCPU
            && e.isMapping()
            && model.bytes < bytes
            && !moved.contains("frees");
    boolean cuts =
        e.code() == EventCodes.MAP && model.bytes < bytes + pages(e) && !moved.contains("frees");
    if (shrinks || cuts) {
      count(name + " shrinks");
    }
    if (moved.contains("frees") && moved.contains("allocations")) {
      count(name + " frees+allocations");
    }
    if (moved.isEmpty() && !shrinks) {
      count(name + " nothing");
    }
  }

  /** Counts something else that a run must see. */
  public void count(String rule) {
    fired.merge(rule, 1L, Long::sum);
  }

  /** Rules that never fired. */
  public List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (String rule : MUST) {
      if (!fired.containsKey(rule)) {
        missing.add(rule);
      }
    }
    return missing;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    fired.forEach((rule, times) -> text.append(String.format("%12d  %s%n", times, rule)));
    return text.toString();
  }

  private static long pages(Event e) {
    return e.units().size() * Event.PAGE;
  }

  private static Map<Integer, String> names() {
    Map<Integer, String> names = new HashMap<>();
    try {
      for (Field field : EventCodes.class.getFields()) {
        names.put(field.getInt(null), field.getName());
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    return names;
  }
}
