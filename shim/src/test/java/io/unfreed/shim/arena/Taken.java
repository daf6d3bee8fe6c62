package io.unfreed.shim.arena;

import java.util.ArrayList;
import java.util.List;

/** Keeps what a reader hands out; an image is its own lane. */
final class Taken implements ArenaHandler<RecordedImage> {
  /** One event as it was handed out. */
  record Event(int tid, long nanos, int kind, long address) {}

  final List<RecordedImage> images = new ArrayList<>();
  final List<RecordedImage> over = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  long lost;

  @Override
  public RecordedImage registered(RecordedImage image) {
    images.add(image);
    return image;
  }

  @Override
  public void event(
      RecordedImage lane,
      int tid,
      long nanos,
      int kind,
      int space,
      long address,
      long size,
      int stack) {
    events.add(new Event(tid, nanos, kind, address));
  }

  @Override
  public void lost(RecordedImage lane, long count, long fromNanos, long toNanos) {
    lost += count;
  }

  @Override
  public void over(RecordedImage lane) {
    over.add(lane);
  }
}
