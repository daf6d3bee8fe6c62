package io.unfreed.shim.arena;

/**
 * Takes what a reader hands out, on its thread.
 *
 * @param <L> what the handler keeps for an image, given back with each of its events
 */
public interface ArenaHandler<L> {
  int ALLOC = 1;
  int FREE = 2;
  int INTENT = 3;
  int OUTCOME_OK = 4;
  int OUTCOME_FAILED = 5;
  int MAP = 6;

  int HEAP = 1;
  int MAPPING = 2;

  /** An image has registered; null refuses it, so that its events are dropped. */
  L registered(RecordedImage image);

  /** An event, in the order of stamps within its image. Numbers are as the target wrote them. */
  void event(L lane, int tid, long nanos, int kind, int space, long address, long size, int stack);

  /** Events of a thread or, for a null lane, of some process were lost between two moments. */
  void lost(L lane, long events, long fromNanos, long toNanos);

  /** An image that was ended has no more events. */
  void over(L lane);
}
