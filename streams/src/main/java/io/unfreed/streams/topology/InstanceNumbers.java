package io.unfreed.streams.topology;

import io.unfreed.streams.lane.LaneBudget;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the tasks of an instance share, and what they amount to together, for who watches it: a few
 * numbers, however many partitions and processes there are. Tasks tell what changes, so that asking
 * waits for none of them. Thread-safe.
 */
final class InstanceNumbers {
  private final LaneBudget budget;
  private final DeadLetters deadLetters = new DeadLetters();
  private final RestoringStores restoring = new RestoringStores();
  private final AtomicLong ledgers = new AtomicLong();

  private final int few;

  /** Numbers of tasks whose ledgers share a budget. */
  InstanceNumbers(LaneBudget budget) {
    this(budget, Lanes.FEW);
  }

  /** The same; how ticks of silent lanes are told, as {@link Lanes} takes it. */
  InstanceNumbers(LaneBudget budget, int few) {
    this.budget = budget;
    this.few = few;
  }

  /** With at least so many others, silent lanes are heard of once a minute. */
  int few() {
    return few;
  }

  /** One heap, one budget for all ledgers of the instance. */
  LaneBudget budget() {
    return budget;
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  RestoringStores restoring() {
    return restoring;
  }

  /** A store that had {@code before} lanes that go on has {@code now}. */
  void ledgersChanged(int before, int now) {
    ledgers.addAndGet(now - before);
  }

  /** Adds them by their names; those that end with {@code _total} only rise. */
  void addTo(Map<String, Double> numbers) {
    numbers.put("ledgers", (double) ledgers.get());
    numbers.put("ledger_blocks", (double) budget.blocks());
    numbers.put("ledger_blocks_limit", (double) budget.mostBlocks());
    numbers.put("restoring_stores", (double) restoring.stores());
    numbers.put("restoring_records", (double) restoring.records());
    numbers.put("dead_letters_total", (double) deadLetters.count());
  }
}
