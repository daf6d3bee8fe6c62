package io.unfreed.bpf.unwind;

/**
 * The rules of one file, from the first byte of the file on.
 *
 * @param starts offsets in the file, rising, unsigned; each rule holds to the next start
 * @param codes for each start the index of its rule in rules, unsigned
 * @param rules as {@code rule.h} packs them, each once
 * @param functions that have a description
 * @param unreadable of those, with instructions that the builder does not know
 */
record RuleTable(int[] starts, short[] codes, long[] rules, long functions, long unreadable) {
  static final int KIND_SP = 1;
  static final int KIND_FP = 2;
  static final int KIND_END = 5;
  static final int KIND_NONE = 6;
  static final int KIND_COMPLEX = 7;

  /** Whether there is anything that a frame pointer would not tell. */
  boolean isEmpty() {
    return functions == 0 && kind(rules[Short.toUnsignedInt(codes[0])]) == KIND_NONE;
  }

  /** The rule at an offset in the file. */
  long at(int offset) {
    int low = 0;
    int high = starts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Integer.compareUnsigned(starts[middle], offset) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return rules[Short.toUnsignedInt(codes[low - 1])];
  }

  static int kind(long rule) {
    return (int) (rule & 15);
  }
}
