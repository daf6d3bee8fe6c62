package io.unfreed.schemas.wire;

import io.unfreed.schemas.stack.StackId;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one event batch straight from its bytes. {@link #reset} decodes and checks every column, so
 * that a malformed batch is refused as a whole; {@link #next} then steps from event to event
 * without allocating. Not thread-safe; reusable; must not be kept beyond the batch.
 *
 * <pre>
 *   kinds      k0    k1    k2    k3  ...   one per event
 *   times      t0          t1              where kind &amp; 1
 *   threads    T0                T1        where kind &amp; 2
 *   addresses  a0    a1    a2              where the code has an address
 *   values     v0          v1              where the code has values
 *   stackRefs  s0          s1              where the code has a stack
 *   releaseRefs      r0                    where it has an address and no stack, if there are any
 * </pre>
 */
public final class EventCursor {
  /** More events than this in one batch are refused. */
  public static final int LARGEST_BATCH_EVENTS = 1 << 20;

  /** Stack reference and stack number of a release whose stack is not known. */
  public static final int NO_STACK = -1;

  /** Up to 2^20 events fit a field; values, up to three an event, come last and have a bit more. */
  private static final int FIELD_BITS = 21;

  /** By kind: times, threads and addresses it takes, each in a field of its own. */
  private static final long[] NEEDS = needs(false);

  /** By kind: stack references, labels and values it takes. */
  private static final long[] OTHER_NEEDS = needs(true);

  private final ByteCursor in = new ByteCursor();
  private final Numbers kinds = new Numbers();
  private final Numbers times = new Numbers();
  private final Numbers threads = new Numbers();
  private final Numbers addresses = new Numbers();
  private final Numbers values = new Numbers();
  private final Numbers stackRefs = new Numbers();
  private final Numbers releaseRefs = new Numbers();
  private final List<StackId> stacks = new ArrayList<>();
  private final List<String> labels = new ArrayList<>();

  private BatchHeader header;
  private int event;
  private int timeAt;
  private int threadAt;
  private int addressAt;
  private int valueAt;
  private int stackAt;
  private int labelAt;

  private int aheadEvent;
  private int aheadAddressAt;

  private int code;
  private long timeNanos;
  private int thread;
  private long address;
  private int firstValueAt;
  private int stackRef;

  /**
   * Puts the cursor before the first event of a batch.
   *
   * @param body the Avro body of an EventBatch, without single-object header
   * @throws MalformedBatchException if the bytes are no valid batch; the cursor is then empty
   */
  public BatchHeader reset(byte[] body, int offset, int length) throws MalformedBatchException {
    rewind();
    kinds.clear();
    in.reset(body, offset, length);
    try {
      header = readAll();
    } catch (MalformedBatchException e) {
      kinds.clear();
      throw e;
    }
    timeNanos = header.baseNanos();
    return header;
  }

  private BatchHeader readAll() throws MalformedBatchException {
    BatchHeader read = BatchHeader.read(in);
    readTables();
    in.readNumbers(kinds, LARGEST_BATCH_EVENTS);
    in.readNumbers(times, kinds.size());
    in.readNumbers(threads, kinds.size());
    in.readNumbers(addresses, kinds.size());
    in.readNumbers(values, 3 * kinds.size());
    in.readNumbers(stackRefs, kinds.size());
    in.readNumbers(releaseRefs, kinds.size());
    if (in.remaining() != 0) {
      throw new MalformedBatchException(in.remaining() + " bytes behind the last column");
    }
    checkColumns();
    accumulateAddresses(read.addressShift());
    return read;
  }

  /** Header of the batch. */
  public BatchHeader header() {
    return header;
  }

  /** Events in the batch. */
  public int eventCount() {
    return kinds.size();
  }

  /** Stack ids of the batch; {@link #stackRef} indexes it. */
  public List<StackId> stacks() {
    return stacks;
  }

  /** Steps to the next event; false behind the last. */
  public boolean next() {
    if (event == kinds.size()) {
      return false;
    }
    int kind = (int) kinds.items()[event++];
    code = kind >> 2;
    if ((kind & 1) != 0) {
      timeNanos += times.items()[timeAt++];
    }
    if ((kind & 2) != 0) {
      thread = (int) threads.items()[threadAt++];
    }
    int columns = EventCodes.columns(code);
    if ((columns & EventCodes.ADDRESS) != 0) {
      address = addresses.items()[addressAt++];
    }
    firstValueAt = valueAt;
    valueAt += columns >> EventCodes.VALUES_SHIFT;
    if ((columns & EventCodes.STACK) != 0) {
      stackRef = (int) stackRefs.items()[stackAt++];
    }
    labelAt += (columns & EventCodes.LABEL) >> 2;
    return true;
  }

  /** Code of the event, one of {@link EventCodes} or one that a later version added. */
  public int code() {
    return code;
  }

  /** Time stamp as recorded, nanoseconds of session time; may step back a little. */
  public long timeNanos() {
    return timeNanos;
  }

  /** tid of the event's thread, 0 when the source has none. */
  public int thread() {
    return thread;
  }

  /** Address of the event; meaningless for codes without one. */
  public long address() {
    return address;
  }

  /**
   * Goes through the next events that were not looked at ahead yet, as many as {@code into} has
   * room for, and gives their addresses. The cursor itself stays where it is; the first call behind
   * {@link #reset} begins with the first event.
   */
  public void lookAhead(AddressesAhead into) {
    long[] kind = kinds.items();
    long[] item = addresses.items();
    int to = Math.min(kinds.size(), aheadEvent + into.taken.length);
    int at = aheadAddressAt;
    int taken = 0;
    int placed = 0;
    for (int i = aheadEvent; i < to; i++) { // no branch on what an event is: none can be foretold
      int columns = EventCodes.columns((int) kind[i] >> 2);
      int isAddress = columns & EventCodes.ADDRESS;
      int isPlaced = isAddress & columns >> 1;
      long next = item[Math.min(at, item.length - 1)];
      into.taken[taken] = next;
      into.placed[placed] = next;
      at += isAddress;
      placed += isPlaced;
      taken += isAddress - isPlaced;
    }
    aheadEvent = to;
    aheadAddressAt = at;
    into.takenCount = taken;
    into.placedCount = placed;
  }

  /** First value: size or length in bytes, events lost or produced. */
  public long value() {
    return values.items()[firstValueAt];
  }

  /** Value number {@code i} of the event, from 0. */
  public long value(int i) {
    return values.items()[firstValueAt + i];
  }

  /** Index of the event's stack in {@link #stacks}. */
  public int stackRef() {
    return stackRef;
  }

  /**
   * Index in {@link #stacks} of the stack that releases, {@link #NO_STACK} where it is not known;
   * meaningless for events that are no releases. These are the events with an address and without a
   * stack of their own, so how many there were need not be counted event by event.
   */
  public int releaseRef() {
    return releaseRefs.size() == 0 ? NO_STACK : (int) releaseRefs.items()[addressAt - stackAt - 1];
  }

  /** Label of the event; meaningless for codes without one. */
  public String label() {
    return labels.get(labelAt - 1);
  }

  private void rewind() {
    event = 0;
    timeAt = 0;
    threadAt = 0;
    addressAt = 0;
    valueAt = 0;
    stackAt = 0;
    labelAt = 0;
    aheadEvent = 0;
    aheadAddressAt = 0;
    thread = 0;
    address = 0;
    stackRef = 0;
  }

  private void readTables() throws MalformedBatchException {
    stacks.clear();
    labels.clear();
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        stacks.add(StackId.read(in.buffer(), in.take(StackId.BYTES)));
      }
      in.endBlock();
    }
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        labels.add(in.readText());
      }
      in.endBlock();
    }
  }

  /** Every column must hold exactly what the kinds announce, every reference must resolve. */
  private void checkColumns() throws MalformedBatchException {
    long[] kind = kinds.items();
    int events = kinds.size();
    long sum = 0;
    long otherSum = 0;
    for (int i = 0; i < events; i++) {
      long k = kind[i];
      if (k >= 0 && k < NEEDS.length) {
        sum += NEEDS[(int) k];
        otherSum += OTHER_NEEDS[(int) k];
      } else if (k >= 0 && EventCodes.isReadable(k >> 2)) {
        sum += need((int) k, false);
        otherSum += need((int) k, true);
      } else {
        throw new MalformedBatchException("event " + i + " is of unknown kind " + k);
      }
    }
    int[] wanted = {
      field(sum, 0), field(sum, 1), field(sum, 2),
      field(otherSum, 2), field(otherSum, 0), field(otherSum, 1)
    };
    int[] found = {
      times.size(), threads.size(), addresses.size(), values.size(), stackRefs.size(), labels.size()
    };
    String[] names = {"times", "threads", "addresses", "values", "stackRefs", "labels"};
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] != found[i]) {
        throw new MalformedBatchException(
            "column " + names[i] + " has " + found[i] + " items, the kinds need " + wanted[i]);
      }
    }
    checkReleases();
    long[] tid = threads.items();
    for (int i = 0; i < threads.size(); i++) {
      if (tid[i] != (int) tid[i]) {
        throw new MalformedBatchException("thread " + tid[i] + " is no int");
      }
    }
    long[] ref = stackRefs.items();
    for (int i = 0; i < stackRefs.size(); i++) {
      if (ref[i] < 0 || ref[i] >= stacks.size()) {
        throw new MalformedBatchException(
            "stack reference " + ref[i] + " of " + stacks.size() + " stacks");
      }
    }
  }

  private void checkReleases() throws MalformedBatchException {
    int releases = addresses.size() - stackRefs.size();
    if (releaseRefs.size() != 0 && releaseRefs.size() != releases) {
      throw new MalformedBatchException(
          "column releaseRefs has " + releaseRefs.size() + " items for " + releases + " releases");
    }
    long[] ref = releaseRefs.items();
    for (int i = 0; i < releaseRefs.size(); i++) {
      if (ref[i] < NO_STACK || ref[i] >= stacks.size()) {
        throw new MalformedBatchException(
            "stack reference " + ref[i] + " of a release, of " + stacks.size() + " stacks");
      }
    }
  }

  private static int field(long sum, int i) {
    long shifted = sum >>> (i * FIELD_BITS);
    return (int) (i == 2 ? shifted : shifted & ((1L << FIELD_BITS) - 1));
  }

  private static long[] needs(boolean other) {
    int kinds = 0;
    while (EventCodes.isFrequent(kinds >> 2)) {
      kinds++;
    }
    long[] needs = new long[kinds];
    for (int kind = 0; kind < kinds; kind++) {
      needs[kind] = need(kind, other);
    }
    return needs;
  }

  private static long need(int kind, boolean other) {
    int columns = EventCodes.columns(kind >> 2);
    long first = other ? (columns >> 1) & 1 : kind & 1;
    long second = other ? (columns >> 2) & 1 : (kind >> 1) & 1;
    long third = other ? columns >> EventCodes.VALUES_SHIFT : columns & 1;
    return first | (second << FIELD_BITS) | (third << (2 * FIELD_BITS));
  }

  private void accumulateAddresses(int shift) {
    long[] item = addresses.items();
    long sum = 0;
    for (int i = 0; i < addresses.size(); i++) {
      sum += item[i] << shift;
      item[i] = sum;
    }
  }
}
