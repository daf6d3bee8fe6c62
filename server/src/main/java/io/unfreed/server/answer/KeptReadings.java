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
 * The last readings, or what is made of them, each found out once: who asks what somebody is being
 * answered waits for that answer. What failed or found nothing is found out anew. Thread-safe.
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

  synchronized boolean has(K key) {
    return kept.containsKey(key);
  }

  /** One that is kept, or under way; null without one. */
  synchronized Future<R> find(K key) {
    return kept.get(key);
  }

  /** The same of any key that is like this. */
  synchronized Future<R> findAny(Predicate<K> isLike) {
    for (Map.Entry<K, FutureTask<R>> one : kept.entrySet()) {
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
  R of(K key, Callable<R> finding) throws IOException {
    FutureTask<R> task;
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

  private R result(K key, FutureTask<R> task) throws IOException {
    try {
      R found = task.get();
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

  private synchronized void forget(K key, FutureTask<R> task) {
    kept.remove(key, task);
  }
}
