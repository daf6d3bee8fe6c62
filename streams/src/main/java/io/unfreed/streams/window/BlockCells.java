package io.unfreed.streams.window;

import io.unfreed.streams.lane.Counts;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Sums by kind of block: a stack in a space, and a number of the question's dimension. Most blocks
 * are of the same kind as the one of their stack before, which is found without the table. Not
 * thread-safe.
 */
final class BlockCells {
  /** A kind with its cell and its place in the table. */
  private static final long BYTES_PER_KIND = 200;

  private static final int FIRST_ENTRIES = 64;

  /** What blocks have in common. */
  record Kind(int entry, long number) {}

  /** Sums of one kind. */
  static final class Cell {
    private final long number;
    long allocations;
    long allocatedBytes;
    long frees;
    long superseded;
    long closedByExec;
    long outstandingBytes;
    long outstandingCount;
    long certainBytes;
    long freedCount;
    long freedBytes;
    long oldestNanos = Long.MAX_VALUE;

    private Cell(long number) {
      this.number = number;
    }

    private Cell copy() {
      Cell copy = new Cell(number);
      copy.allocations = allocations;
      copy.allocatedBytes = allocatedBytes;
      copy.frees = frees;
      copy.superseded = superseded;
      copy.closedByExec = closedByExec;
      copy.freedCount = freedCount;
      copy.freedBytes = freedBytes;
      return copy;
    }

    BlockNumbers numbers() {
      Counts counts =
          new Counts(
              allocations,
              frees,
              superseded,
              closedByExec,
              allocatedBytes,
              outstandingBytes,
              outstandingCount,
              certainBytes);
      return new BlockNumbers(
          counts, freedCount, freedBytes, outstandingCount == 0 ? null : oldestNanos);
    }
  }

  private final Map<Kind, Cell> cells = new HashMap<>();

  /** By entry. */
  private Cell[] last = new Cell[FIRST_ENTRIES];

  /** The sums of a kind. */
  Cell of(int entry, long number) {
    Cell known = entry < last.length ? last[entry] : null;
    return known != null && known.number == number ? known : lookUp(entry, number);
  }

  private Cell lookUp(int entry, long number) {
    if (entry >= last.length) {
      last = Arrays.copyOf(last, Math.max(entry + 1, 2 * last.length));
    }
    Cell cell = cells.computeIfAbsent(new Kind(entry, number), kind -> new Cell(number));
    last[entry] = cell;
    return cell;
  }

  /** The same without what is outstanding. */
  BlockCells copy() {
    BlockCells copy = new BlockCells();
    cells.forEach((kind, cell) -> copy.cells.put(kind, cell.copy()));
    return copy;
  }

  void forEach(BiConsumer<Kind, Cell> visitor) {
    cells.forEach(visitor);
  }

  /** Memory that is taken, roughly. */
  long heldBytes() {
    return cells.size() * BYTES_PER_KIND;
  }
}
