package io.unfreed.schemas.wire;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects the events of one lane and encodes them as EventBatch bodies of bounded size. Where a
 * batch ends depends on its content only. Sequence and ordinals rise by themselves. Not
 * thread-safe; reusable from batch to batch.
 */
public final class EventBatchBuilder {
  /** A batch is full with this many events: its decoded columns still fit a core's cache. */
  public static final int FULL_EVENTS = 16 * 1024;

  /** A batch is full with this many bytes; the contract allows 512 kB. */
  public static final int FULL_BYTES = 480 * 1024;

  private static final int LARGEST_LABEL_BYTES = 4096;
  private static final int LONGEST_ITEM_BYTES = 10;

  /** Without a label: kind, time, thread, address, three values, two references, a new stack. */
  private static final int LARGEST_EVENT_BYTES = 9 * LONGEST_ITEM_BYTES + 2 * StackId.BYTES;

  /**
   * What stays the same for a lane.
   *
   * @param key session, incarnation and lane
   * @param laneCount lanes of the incarnation
   * @param tickNanos tick of the session; 0 without time
   * @param filtered sampling or record filters are on
   * @param freeStacks the stack of each release is recorded
   */
  public record Lane(
      LaneKey key, int laneCount, long tickNanos, boolean filtered, boolean freeStacks) {
    /** A lane without the stacks of releases. */
    public Lane(LaneKey key, int laneCount, long tickNanos, boolean filtered) {
      this(key, laneCount, tickNanos, filtered, false);
    }
  }

  private final Lane lane;
  private final StackDictionary dictionary;
  private final ByteColumn stacks = new ByteColumn();
  private final ByteColumn labels = new ByteColumn();
  private final ByteColumn kinds = new ByteColumn();
  private final ByteColumn times = new ByteColumn();
  private final ByteColumn threads = new ByteColumn();
  private final ByteColumn values = new ByteColumn();
  private final ByteColumn stackRefs = new ByteColumn();
  private final ByteColumn releaseRefs = new ByteColumn();
  private final ByteColumn addressColumn = new ByteColumn();
  private final ByteColumn out = new ByteColumn();
  private final long[] addressDeltas = new long[FULL_EVENTS];

  private Process process;

  /** By stack number: batch number in the upper half, reference within that batch in the lower. */
  private long[] refOfStack = new long[256];

  private long batchNumber = 1;
  private int refCount;
  private int releaseCount;
  private int addressCount;
  private long addressBits;

  /** Below so many events the batch is not full, whatever they are. */
  private int fitsUpTo;

  private int eventCount;
  private long sequence;
  private long firstOrdinal;
  private long baseNanos;
  private long lastNanos;
  private long watermarkNanos;
  private int lastThread;
  private long lastAddress;

  /** A builder for a lane's batches from sequence 0; stack numbers are those of the dictionary. */
  public EventBatchBuilder(Lane lane, Process process, StackDictionary dictionary) {
    this.lane = lane;
    process(process);
    this.dictionary = dictionary;
  }

  /** What is known of the process from now on; a longer command is cut. */
  public final void process(Process now) {
    String command = now.getCommand();
    process =
        command == null
            ? now
            : new Process(
                now.getTgid(),
                now.getStartEpochNanos(),
                new String(cut(command), StandardCharsets.UTF_8),
                now.getRecordedFromNanos());
  }

  /** Number of the next batch. */
  public long sequence() {
    return sequence;
  }

  /** Events since the last batch. */
  public int eventCount() {
    return eventCount;
  }

  /** True when the batch must be encoded before the next event. */
  public boolean isFull() {
    return eventCount >= fitsUpTo && !fits();
  }

  /** Asked rarely, because it says how many more events fit as well. */
  private boolean fits() {
    if (eventCount == FULL_EVENTS) {
      return false;
    }
    int others =
        kinds.length()
            + times.length()
            + threads.length()
            + values.length()
            + stackRefs.length()
            + releaseRefs.length()
            + stacks.length()
            + labels.length();
    int bytes = others + addressCount * LONGEST_ITEM_BYTES;
    if (bytes >= FULL_BYTES) {
      bytes = others + addressBytes();
    }
    if (bytes >= FULL_BYTES) {
      return false;
    }
    int room = (FULL_BYTES - bytes) / LARGEST_EVENT_BYTES;
    fitsUpTo = Math.min(FULL_EVENTS, eventCount + Math.max(1, room));
    return true;
  }

  /** An event with nothing but an address: free or heap release intent. */
  public void release(int code, long timeNanos, int thread, long address) {
    release(code, timeNanos, thread, address, EventCursor.NO_STACK);
  }

  /**
   * The same with the number of the stack that releases, {@link EventCursor#NO_STACK} when it is
   * not known; the lane must be one with the stacks of releases.
   */
  public void release(int code, long timeNanos, int thread, long address, int stackNumber) {
    begin(code, timeNanos, thread);
    putAddress(address);
    putReleaser(stackNumber);
  }

  /** An event with an address and a length: unmap or mapping release intent. */
  public void releaseRange(int code, long timeNanos, int thread, long address, long length) {
    releaseRange(code, timeNanos, thread, address, length, EventCursor.NO_STACK);
  }

  /** The same with the number of the stack that releases, as for a release without a length. */
  public void releaseRange(
      int code, long timeNanos, int thread, long address, long length, int stackNumber) {
    begin(code, timeNanos, thread);
    putAddress(address);
    values.addItem(length);
    putReleaser(stackNumber);
  }

  /** An event with an address, a size and a stack: allocation, mapping or successful outcome. */
  public void allocate(
      int code, long timeNanos, int thread, long address, long sizeBytes, int stackNumber) {
    begin(code, timeNanos, thread);
    putAddress(address);
    values.addItem(sizeBytes);
    stackRefs.addItem(refOf(stackNumber));
  }

  /** An event with no fields: a failed outcome or an exit. */
  public void plain(int code, long timeNanos, int thread) {
    begin(code, timeNanos, thread);
  }

  /** An event with a text: exec, mark or fork; a longer text is cut. */
  public void labelled(int code, long timeNanos, int thread, String label) {
    begin(code, timeNanos, thread);
    labels.addTextItem(cut(label));
    fitsUpTo = 0;
  }

  /** A text of bounded length, so that no batch becomes too large; cut between characters. */
  private static byte[] cut(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= LARGEST_LABEL_BYTES) {
      return utf8;
    }
    int end = LARGEST_LABEL_BYTES;
    while ((utf8[end] & 0xC0) == 0x80) {
      end--;
    }
    return Arrays.copyOf(utf8, end);
  }

  /** Loss of {@code events} events between two moments. */
  public void lost(long timeNanos, long events, long fromNanos, long toNanos) {
    begin(EventCodes.LOST, timeNanos, lastThread);
    values.addItem(events);
    values.addItem(fromNanos);
    values.addItem(toNanos);
  }

  /** The last event of the lane. */
  public void end(long timeNanos, long produced, long lost) {
    begin(EventCodes.END, timeNanos, lastThread);
    values.addItem(produced);
    values.addItem(lost);
  }

  /** States that no later event of the lane is older than this. */
  public void watermark(long nanos) {
    watermarkNanos = Math.max(watermarkNanos, nanos);
  }

  /** Encodes what was added since the last call, also when that is nothing, and starts anew. */
  public EncodedBatch encode() {
    encodeAddresses();
    BatchHeader header =
        new BatchHeader(
            lane.key(),
            lane.laneCount(),
            sequence,
            firstOrdinal,
            lane.tickNanos(),
            lane.filtered(),
            process,
            lane.freeStacks(),
            eventCount == 0 ? watermarkNanos : baseNanos,
            watermarkNanos,
            addressShift(),
            null);
    byte[] body = write(header);
    EncodedBatch batch = new EncodedBatch(lane.key(), sequence, eventCount, body);
    sequence++;
    firstOrdinal += eventCount;
    startAnew();
    return batch;
  }

  /** A marker for this lane: no sequence number, no events, a token that comes back. */
  public static EncodedBatch marker(BatchHeader last, String token) {
    return marker(last, token, 0);
  }

  /**
   * The same of a lane that is known to have had so many events: what of them has not arrived is
   * counted as lost in the answer. 0 when that is not known.
   */
  public static EncodedBatch marker(BatchHeader last, String token, long events) {
    BatchHeader header =
        new BatchHeader(
            last.key(),
            last.laneCount(),
            BatchHeader.MARKER_SEQUENCE,
            events,
            last.tickNanos(),
            last.filtered(),
            last.process(),
            last.freeStacks(),
            0,
            0,
            0,
            token);
    ByteColumn out = new ByteColumn();
    header.write(out);
    for (int column = 0; column < 9; column++) {
      out.putLong(0);
    }
    return new EncodedBatch(last.key(), BatchHeader.MARKER_SEQUENCE, 0, out.toByteArray());
  }

  private byte[] write(BatchHeader header) {
    out.clear();
    header.write(out);
    out.putArray(stacks);
    out.putArray(labels);
    out.putArray(kinds);
    out.putArray(times);
    out.putArray(threads);
    out.putArray(addressColumn);
    out.putArray(values);
    out.putArray(stackRefs);
    out.putArray(releaseRefs);
    return out.toByteArray();
  }

  private void begin(int code, long timeNanos, int thread) {
    if (eventCount == FULL_EVENTS) {
      throw new IllegalStateException("the batch is full: encode it first");
    }
    if (eventCount == 0) {
      baseNanos = timeNanos;
      lastNanos = timeNanos;
    }
    int kind = code << 2;
    if (timeNanos != lastNanos) {
      kind |= 1;
      times.addItem(timeNanos - lastNanos);
      lastNanos = timeNanos;
    }
    if (thread != lastThread) {
      kind |= 2;
      threads.addItem(thread);
      lastThread = thread;
    }
    kinds.addItem(kind);
    eventCount++;
  }

  private void putAddress(long address) {
    long delta = address - lastAddress;
    lastAddress = address;
    addressDeltas[addressCount++] = delta;
    addressBits |= delta;
  }

  /** Of the addresses as they are, before what they have in common is shifted out. */
  private int addressBytes() {
    int bytes = 0;
    for (int i = 0; i < addressCount; i++) {
      long raw = (addressDeltas[i] << 1) ^ (addressDeltas[i] >> 63);
      bytes += (Long.SIZE - Long.numberOfLeadingZeros(raw | 1) + 6) / 7;
    }
    return bytes;
  }

  /** The column stays empty until a release of the batch has a stack. */
  private void putReleaser(int stackNumber) {
    if (stackNumber != EventCursor.NO_STACK) {
      if (!lane.freeStacks()) {
        throw new IllegalStateException(lane.key() + " is no lane with the stacks of releases");
      }
      if (releaseRefs.length() == 0) {
        for (int i = 0; i < releaseCount; i++) {
          releaseRefs.addItem(EventCursor.NO_STACK);
        }
        fitsUpTo = 0;
      }
      releaseRefs.addItem(refOf(stackNumber));
    } else if (releaseRefs.length() > 0) {
      releaseRefs.addItem(EventCursor.NO_STACK);
    }
    releaseCount++;
  }

  private int addressShift() {
    return addressBits == 0 ? 0 : Long.numberOfTrailingZeros(addressBits);
  }

  private void encodeAddresses() {
    int shift = addressShift();
    for (int i = 0; i < addressCount; i++) {
      addressColumn.addItem(addressDeltas[i] >> shift);
    }
  }

  private int refOf(int stackNumber) {
    if (stackNumber >= refOfStack.length) {
      refOfStack = Arrays.copyOf(refOfStack, Math.max(stackNumber + 1, refOfStack.length * 2));
    }
    long known = refOfStack[stackNumber];
    if (known >>> Integer.SIZE == batchNumber) {
      return (int) known;
    }
    int at = stacks.reserveItem(StackId.BYTES);
    dictionary.id(stackNumber).write(stacks.array(), at);
    refOfStack[stackNumber] = batchNumber << Integer.SIZE | refCount;
    return refCount++;
  }

  private void startAnew() {
    for (ByteColumn column :
        new ByteColumn[] {
          stacks, labels, kinds, times, threads, values, stackRefs, releaseRefs, addressColumn
        }) {
      column.clear();
    }
    batchNumber++;
    refCount = 0;
    releaseCount = 0;
    addressCount = 0;
    addressBits = 0;
    fitsUpTo = 0;
    eventCount = 0;
    lastThread = 0;
    lastAddress = 0;
  }
}
