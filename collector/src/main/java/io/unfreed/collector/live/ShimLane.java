package io.unfreed.collector.live;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.shim.arena.ArenaHandler;
import io.unfreed.shim.arena.RecordedImage;

/**
 * The events of one image, written to the lane of its process. Values are as the target wrote them:
 * what makes no sense is refused and counted. Used by one thread.
 */
final class ShimLane {
  private static final long LARGEST_SIZE = 1L << 56;

  final RecordedImage image;
  final LiveLane lane;
  final ImageCode code;
  private final ShimStacks stacks;
  private final RecordFilter filter;
  private final boolean freeStacks;

  /** The image that its process had before, whose events come first. */
  ShimLane before;

  /**
   * Since when its process is another image than this, as far as its mappings tell; 0: it is not.
   */
  long unmappedNanos;

  /** Its process has become an image that does not record. */
  boolean becameUnseen;

  ShimLane(
      RecordedImage image,
      LiveLane lane,
      ImageCode code,
      ShimStacks stacks,
      RecordFilter filter,
      boolean freeStacks) {
    this.image = image;
    this.lane = lane;
    this.code = code;
    this.stacks = stacks;
    this.filter = filter;
    this.freeStacks = freeStacks;
  }

  /** Adds an event; false when it makes no sense. Filters may leave it out. */
  boolean add(int tid, long nanos, int kind, int space, long address, long size, int stack) {
    if (size < 0
        || size > LARGEST_SIZE
        || (space != ArenaHandler.HEAP && space != ArenaHandler.MAPPING)) {
      return false;
    }
    boolean heap = space == ArenaHandler.HEAP;
    switch (kind) {
      case ArenaHandler.ALLOC -> {
        if (filter == null || filter.allocates(address, size)) {
          take(EventCodes.ALLOC_HEAP, tid, nanos, address, size, stack);
        }
      }
      case ArenaHandler.MAP -> {
        if (filter == null || filter.maps(size)) {
          take(EventCodes.MAP, tid, nanos, address, size, stack);
        }
      }
      case ArenaHandler.FREE -> {
        if (filter == null || filter.frees(address)) {
          lane.builder.release(EventCodes.FREE_HEAP, lane.at(nanos), tid, address, releaser(stack));
        }
      }
      case ArenaHandler.INTENT -> intend(heap, tid, nanos, address, size, stack);
      case ArenaHandler.OUTCOME_OK -> outcome(heap, tid, nanos, address, size, stack);
      case ArenaHandler.OUTCOME_FAILED -> {
        if (filter == null || !heap || filter.failed(tid)) {
          lane.builder.plain(EventCodes.OUTCOME_FAILED, lane.at(nanos), tid);
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void intend(boolean heap, int tid, long nanos, long address, long size, int stack) {
    if (!heap) {
      lane.builder.releaseRange(
          EventCodes.INTENT_MAPPING, lane.at(nanos), tid, address, size, releaser(stack));
    } else if (filter == null || filter.intends(tid, address)) {
      lane.builder.release(EventCodes.INTENT_HEAP, lane.at(nanos), tid, address, releaser(stack));
    }
  }

  private void outcome(boolean heap, int tid, long nanos, long address, long size, int stack) {
    int done = heap ? EventCodes.OUTCOME_HEAP : EventCodes.OUTCOME_MAPPING;
    RecordFilter.Outcome what =
        filter == null || !heap ? RecordFilter.Outcome.KEEP : filter.resized(tid, address, size);
    switch (what) {
      case KEEP -> take(done, tid, nanos, address, size, stack);
      case RELEASE_ONLY -> take(done, tid, nanos, 0, 0, 0);
      case ALLOCATE -> take(EventCodes.ALLOC_HEAP, tid, nanos, address, size, stack);
      case DROP -> {
        // Neither the old block nor the new one is recorded.
      }
    }
  }

  private void take(int event, int tid, long nanos, long address, long size, int stack) {
    lane.builder.allocate(event, lane.at(nanos), tid, address, size, number(stack));
  }

  private int releaser(int stack) {
    return freeStacks ? number(stack) : EventCursor.NO_STACK;
  }

  private int number(int stack) {
    return stack == 0 ? ShimStacks.UNKNOWN : code.number(stacks, stack);
  }
}
