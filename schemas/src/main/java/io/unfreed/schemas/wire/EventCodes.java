package io.unfreed.schemas.wire;

/**
 * Codes of the {@code kinds} column (kind = code * 4 + 2 if a thread follows + 1 if a time delta
 * follows). Codes up to 15 fit one byte on the wire. The comments say which other columns an event
 * uses: A address, V value (how many), S stack reference, L label.
 *
 * <p>Codes from {@link #FIRST_SHAPED} on say that themselves, so that a reader who does not know
 * one can step over its events:
 *
 * <pre>
 *   code = number * 64 + (0, or 32 when it is about no block) + values * 8 + (4 L) + (2 S) + (1 A)
 * </pre>
 *
 * Number is 1 to 31, values 0 to 3; with a stack there is an address. Every later code is made so;
 * 21 to 63 are never used.
 */
public final class EventCodes {
  /** A V S: user heap allocation; value is the requested size in bytes. */
  public static final int ALLOC_HEAP = 0;

  /** A: user heap free. */
  public static final int FREE_HEAP = 1;

  /** A: entry of a realloc of this block. */
  public static final int INTENT_HEAP = 2;

  /** A V S: the thread's realloc succeeded; address 0 when it returned null (realloc(p, 0)). */
  public static final int OUTCOME_HEAP = 3;

  /** The thread's pending call failed. */
  public static final int OUTCOME_FAILED = 4;

  /** A V S: mapping; value is the length in bytes. */
  public static final int MAP = 5;

  /** A V: unmapping known to have succeeded. */
  public static final int UNMAP = 6;

  /** A V: entry of a munmap or mremap of this range. */
  public static final int INTENT_MAPPING = 7;

  /** A V S: the thread's munmap (address 0) or mremap succeeded. */
  public static final int OUTCOME_MAPPING = 8;

  /** A V S: kernel slab; value is bytes_alloc. */
  public static final int ALLOC_SLAB = 9;

  /** A. */
  public static final int FREE_SLAB = 10;

  /** A V S: kernel page frames; address is the page frame number. */
  public static final int ALLOC_PAGE = 11;

  /** A. */
  public static final int FREE_PAGE = 12;

  /** A V S: kernel percpu. */
  public static final int ALLOC_PERCPU = 13;

  /** A. */
  public static final int FREE_PERCPU = 14;

  /** V V V: events lost, from, to (nanoseconds of session time). */
  public static final int LOST = 15;

  /** L: the incarnation goes on with this command. */
  public static final int EXEC = 16;

  /** The process ended. */
  public static final int EXIT = 17;

  /** V V: the session is over; events produced and lost by the whole session. */
  public static final int END = 18;

  /** L: a named moment. */
  public static final int MARK = 19;

  /** L: a child was forked; its incarnation. */
  public static final int FORK = 20;

  /**
   * A: a free by a thread that is ending, when libc also frees what the thread's cache holds: of an
   * outstanding block it is a free, of any other nothing.
   */
  public static final int FREE_AT_THREAD_END = 64 + 1;

  /** Codes below say by their list above, codes from here by themselves which columns they use. */
  public static final int FIRST_SHAPED = 64;

  private static final int CODES = 32 * FIRST_SHAPED;
  private static final int SHAPE = 0b1_1111;
  private static final int ABOUT_NO_BLOCK = 32;

  static final int ADDRESS = 1;
  static final int STACK = 2;
  static final int LABEL = 4;
  static final int VALUES_SHIFT = 3;

  private static final int[] COLUMNS = columns();

  private EventCodes() {}

  /** True for a code of this list. */
  public static boolean isKnown(int code) {
    return isFrequent(code) || code == FREE_AT_THREAD_END;
  }

  /** True for the codes of the first version: they fit a small table. */
  static boolean isFrequent(int code) {
    return code >= 0 && code <= FORK;
  }

  /** True for a known code, and for any that says itself which columns it uses. */
  static boolean isReadable(long code) {
    boolean isShaped = code >= FIRST_SHAPED && code < CODES;
    return isShaped ? (code & STACK) == 0 || (code & ADDRESS) != 0 : code >= 0 && code <= FORK;
  }

  /**
   * Whether an event of an unknown code could have done something to blocks: then nothing before it
   * is certain.
   */
  public static boolean isAboutBlocks(int code) {
    return code < FIRST_SHAPED || (code & ABOUT_NO_BLOCK) == 0;
  }

  /** The columns a readable code uses: ADDRESS, STACK, LABEL and a count of values, in one word. */
  static int columns(int code) {
    return COLUMNS[code];
  }

  static boolean hasAddress(int code) {
    return (COLUMNS[code] & ADDRESS) != 0;
  }

  static boolean hasStack(int code) {
    return (COLUMNS[code] & STACK) != 0;
  }

  static boolean hasLabel(int code) {
    return (COLUMNS[code] & LABEL) != 0;
  }

  static int valueCount(int code) {
    return COLUMNS[code] >> VALUES_SHIFT;
  }

  private static int[] columns() {
    int[] columns = new int[CODES];
    for (int code = FIRST_SHAPED; code < CODES; code++) {
      columns[code] = code & SHAPE;
    }
    int oneValue = 1 << VALUES_SHIFT;
    for (int code :
        new int[] {
          ALLOC_HEAP, OUTCOME_HEAP, MAP, OUTCOME_MAPPING, ALLOC_SLAB, ALLOC_PAGE, ALLOC_PERCPU
        }) {
      columns[code] = ADDRESS | STACK | oneValue;
    }
    for (int code : new int[] {FREE_HEAP, INTENT_HEAP, FREE_SLAB, FREE_PAGE, FREE_PERCPU}) {
      columns[code] = ADDRESS;
    }
    columns[UNMAP] = ADDRESS | oneValue;
    columns[INTENT_MAPPING] = ADDRESS | oneValue;
    columns[LOST] = 3 * oneValue;
    columns[END] = 2 * oneValue;
    columns[EXEC] = LABEL;
    columns[MARK] = LABEL;
    columns[FORK] = LABEL;
    return columns;
  }
}
