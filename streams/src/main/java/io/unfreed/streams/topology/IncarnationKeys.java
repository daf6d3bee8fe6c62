package io.unfreed.streams.topology;

import io.unfreed.streams.lane.StackKey;

/**
 * Keys of an incarnation's entries in the report store:
 *
 * <pre>
 *   session/incarnation|h                       MergeState
 *   session/incarnation|s|stackId|space         StackMerge
 *   session/incarnation|a|lane|number|part      LaneTick that waits for other lanes
 *   session/incarnation|p|lane|part             LaneTick of a statement whose last part is missing
 * </pre>
 *
 * with the name of the incarnation as {@link StoreKeys} writes it. They are text since the first
 * version, so that changelogs and directories of every version are read as they are
 * (docs/decisions/report-store.md).
 *
 * @param name of the incarnation in keys
 */
record IncarnationKeys(String name) {
  /** Of the incarnation of this name. */
  static IncarnationKeys of(String incarnation) {
    return new IncarnationKeys(StoreKeys.of(incarnation));
  }

  String head() {
    return name + "|h";
  }

  /** What the keys of its stacks begin with. */
  String stacks() {
    return name + "|s|";
  }

  String stack(StackKey key) {
    return stacks() + key.stackId() + "|" + key.space().ordinal();
  }

  /** What the keys of a lane's waiting statements begin with; their order is that of the keys. */
  String waiting(int lane) {
    return name + "|a|" + lane + "|";
  }

  /** What the keys of the parts of one of them begin with. */
  String waiting(int lane, long number) {
    return waiting(lane) + String.format("%06d|", number);
  }

  String waiting(int lane, long number, int part) {
    return waiting(lane, number) + String.format("%06d", part);
  }

  /** What the keys of the parts of a lane's newest statement begin with, until all have come. */
  String parts(int lane) {
    return name + "|p|" + lane + "|";
  }

  String part(int lane, int part) {
    return parts(lane) + String.format("%06d", part);
  }
}
