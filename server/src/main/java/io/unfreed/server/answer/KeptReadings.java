package io.unfreed.server.answer;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;

/**
<<<<<<< HEAD
 * The last readings, or what is made of them, each found out once: who asks what somebody is being
 * answered waits for that answer. What failed or found nothing is found out anew. Thread-safe.
 */
final class KeptReadings<K, V> {
  /** Each has a number per kind of block that was asked for, no events and no blocks. */
  private static final int MOST_KEPT = 16;

  private final Map<K, FutureTask<V>> kept = new LinkedHashMap<>(16, 0.75f, true);
=======
 * The last readings, each found out once: who asks what somebody is being answered waits for that
 * answer. What failed or found nothing is found out anew. Thread-safe.
 *
 * @param <K> what was asked
 * @param <R> what was found out
 */
final class KeptReadings<K, R> {
  private final int most;
  private final Map<K, FutureTask<R>> kept = new LinkedHashMap<>(16, 0.75f, true);

  /** Keeps so many. */
  KeptReadings(int most) {
    this.most = most;
  }
>>>>>>> tracepage

  synchronized boolean has(K key) {
    return kept.containsKey(key);
  }

  /** One that is kept, or under way; null without one. */
<<<<<<< HEAD
  synchronized Future<V> find(K key) {
=======
  synchronized Future<R> find(K key) {
>>>>>>> tracepage
    return kept.get(key);
  }

  /** The same of any key that is like this. */
<<<<<<< HEAD
  synchronized Future<V> findAny(Predicate<K> isLike) {
    for (Map.Entry<K, FutureTask<V>> one : kept.entrySet()) {
=======
  synchronized Future<R> findAny(Predicate<K> isLike) {
    for (Map.Entry<K, FutureTask<R>> one : kept.entrySet()) {
>>>>>>> tracepage
      if (isLike.test(one.getKey())) {
        return one.getValue();
      }
    }
    return null;
  }

  /** Forgets all others. */
  synchronized void keepOnly(Predicate<K> isNeeded) {
    kept.keySet().removeIf(isNeeded.negate());
  }

  /** The reading of a key. */
<<<<<<< HEAD
  V of(K key, Callable<V> finding) throws IOException {
    FutureTask<V> task;
=======
  R of(K key, Callable<R> finding) throws IOException {
    FutureTask<R> task;
>>>>>>> tracepage
    boolean isMine;
    synchronized (this) {
      task = kept.get(key);
      isMine = task == null;
      if (isMine) {
        task = new FutureTask<>(finding);
        kept.put(key, task);
        if (kept.size() > most) {
          kept.remove(kept.keySet().iterator().next());
        }
      }
    }
    if (isMine) {
      task.run();
    }
    return result(key, task);
  }

<<<<<<< HEAD
  private V result(K key, FutureTask<V> task) throws IOException {
    try {
      V found = task.get();
=======
  private R result(K key, FutureTask<R> task) throws IOException {
    try {
      R found = task.get();
>>>>>>> tracepage
      if (found == null) {
        forget(key, task);
      }
      return found;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusyException("interrupted");
    } catch (ExecutionException e) {
      forget(key, task);
      throw Failures.of(e.getCause());
    }
  }

<<<<<<< HEAD
  private synchronized void forget(K key, FutureTask<V> task) {
=======
  private synchronized void forget(K key, FutureTask<R> task) {
>>>>>>> tracepage
    kept.remove(key, task);
  }
}
