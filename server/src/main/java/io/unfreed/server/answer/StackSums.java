package io.unfreed.server.answer;

/**
 * Bytes and blocks of a stack in a lane, as changes per slot of time. What comes in one slot is
 * added up first: most events are in the slot of the one before. Not thread-safe.
 */
final class StackSums {
  private final SlotSums bytes;
  private final SlotSums count;
  private int slot;
  private long slotBytes;
  private long slotCount;

  /** Nothing yet. */
  StackSums() {
    this(new SlotSums(), new SlotSums());
  }

  private StackSums(SlotSums bytes, SlotSums count) {
    this.bytes = bytes;
    this.count = count;
  }

  /** Adds; returns how many more numbers there is room for now. */
  int add(int to, long moreBytes, long more) {
    if (to == slot) {
      slotBytes += moreBytes;
      slotCount += more;
      return 0;
    }
    int before = bytes.words() + count.words();
    settle();
    slot = to;
    slotBytes = moreBytes;
    slotCount = more;
    return bytes.words() + count.words() - before;
  }

  /** Numbers for which there is room, with those that take it as soon as their slot is over. */
  int words() {
    settle();
    return bytes.words() + count.words();
  }

  /** Adds another one's. */
  void addAll(StackSums other) {
    other.settle();
    bytes.addAll(other.bytes);
    count.addAll(other.count);
  }

  /** The same numbers. */
  StackSums copy() {
    settle();
    return new StackSums(bytes.copy(), count.copy());
  }

  /** Adds in equal parts to each of some slots. */
  void spread(int from, int to, long moreBytes, long more) {
    settle();
    bytes.spread(from, to, moreBytes);
    count.spread(from, to, more);
  }

  /** Bytes at the end. */
  long endBytes() {
    settle();
    return bytes.total();
  }

  /** Blocks at the end. */
  long endCount() {
    settle();
    return count.total();
  }

  /** What the changes of bytes add up to in each of the first slots, added up. */
  double area(int slots) {
    settle();
    return bytes.area(slots);
  }

  /** Two slots become one. */
  void halve() {
    settle();
    bytes.halve();
    count.halve();
    slot /= 2;
  }

  void addTo(Timeline.Lines lines) {
    settle();
    bytes.addTo(lines.bytes);
    count.addTo(lines.count);
  }

  /** No slot is open; until the next change nothing that is asked changes anything. */
  void settle() {
    if (slotBytes == 0 && slotCount == 0) {
      return;
    }
    bytes.add(slot, slotBytes);
    count.add(slot, slotCount);
    slotBytes = 0;
    slotCount = 0;
  }
}
