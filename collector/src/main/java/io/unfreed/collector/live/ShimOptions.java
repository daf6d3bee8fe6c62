package io.unfreed.collector.live;

import io.unfreed.shim.arena.ArenaSettings;

/**
 * What only a recording by the library has.
 *
 * @param dropWhenFull a full ring drops at once instead of waiting for room
 * @param freeStacks the stack of each release is recorded
 */
public record ShimOptions(boolean dropWhenFull, boolean freeStacks) {
  public static final ShimOptions DEFAULT = new ShimOptions(false, false);

  ArenaSettings settings(boolean followChildren, boolean attached) {
    return new ArenaSettings(
        followChildren,
        freeStacks,
        dropWhenFull,
        ArenaSettings.DEFAULT_WAIT_NANOS,
        ArenaSettings.DEFAULT_BACKLOG_BYTES,
        attached);
  }
}
