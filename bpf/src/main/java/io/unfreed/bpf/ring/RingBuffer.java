package io.unfreed.bpf.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.ffi.MemoryMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * A BPF ring buffer mapped into this process (kernel/bpf/ringbuf.c): one page holds the consumer's
 * position, the next the producer's, then the data, mapped twice in a row so that no record is
 * split. A record is a 32-bit length with a busy and a discard bit, a 32-bit page offset, and the
 * payload; records are multiples of 8 bytes.
 *
 * <p>One thread polls and closes.
 */
public final class RingBuffer implements AutoCloseable {
  private static final VarHandle POSITION = JAVA_LONG.varHandle();
  private static final VarHandle LENGTH = JAVA_INT.varHandle();
  private static final int DISCARD_BIT = 1 << 30;
  private static final int RECORD_HEADER_BYTES = 8;

  private final Arena arena;
  private final EventCursor event = new EventCursor();
  private final StackCursor stack = new StackCursor();
  private final ProcessCursor process = new ProcessCursor();
  private final MemorySegment consumerPage;
  private final MemorySegment producerPage;
  private final MemorySegment data;
  private final long mask;
  private long consumed;

  /** The parts as mapped: two pages with positions, and the data twice in a row. */
  RingBuffer(
      Arena arena, MemorySegment consumerPage, MemorySegment producerPage, MemorySegment data) {
    this.arena = arena;
    this.consumerPage = consumerPage;
    this.producerPage = producerPage;
    this.data = data;
    this.mask = data.byteSize() / 2 - 1;
    this.consumed = (long) POSITION.getAcquire(consumerPage, 0L);
  }

  /**
   * Maps a ring buffer.
   *
   * @param fd of the map
   * @param capacityBytes its max_entries: a power of two, a multiple of the page
   */
  public static RingBuffer map(int fd, long capacityBytes) {
    long page = MemoryMap.pageBytes();
    if (Long.bitCount(capacityBytes) != 1 || capacityBytes < page) {
      throw new BpfException(
          "a ring buffer of " + capacityBytes + " bytes: not a power of two from the page size");
    }
    Arena arena = Arena.ofShared();
    try {
      int writable = MemoryMap.PROT_READ | MemoryMap.PROT_WRITE;
      MemorySegment consumer = MemoryMap.map(arena, fd, 0, page, writable);
      MemorySegment rest =
          MemoryMap.map(arena, fd, page, page + 2 * capacityBytes, MemoryMap.PROT_READ);
      return new RingBuffer(arena, consumer, rest.asSlice(0, page), rest.asSlice(page));
    } catch (RuntimeException failed) {
      arena.close();
      throw failed;
    }
  }

  /**
   * Hands out the records that are ready, in order, and gives their space back.
   *
   * @param limit most records to take
   * @return records taken; 0 when nothing is ready
   */
  public int poll(RecordHandler handler, int limit) {
    long produced = (long) POSITION.getAcquire(producerPage, 0L);
    int taken = 0;
    try {
      while (taken < limit && consumed < produced) {
        long at = consumed & mask;
        int length = (int) LENGTH.getAcquire(data, at);
        if (length < 0) {
          break; // busy: reserved and not submitted yet
        }
        consumed += (RECORD_HEADER_BYTES + (length & ~DISCARD_BIT) + 7L) & ~7L;
        taken++;
        if ((length & DISCARD_BIT) == 0) {
          dispatch(handler, at + RECORD_HEADER_BYTES);
        }
      }
    } finally {
      if (taken > 0) {
        POSITION.setRelease(consumerPage, 0L, consumed);
      }
    }
    return taken;
  }

  /** Bytes waiting to be taken. */
  public long backlogBytes() {
    return (long) POSITION.getAcquire(producerPage, 0L) - consumed;
  }

  private void dispatch(RecordHandler handler, long at) {
    switch (data.get(JAVA_SHORT, at)) {
      case RecordLayout.TYPE_EVENTS -> dispatchEvents(handler, at);
      case RecordLayout.TYPE_STACK -> {
        stack.wrap(data, at);
        handler.onStack(stack);
      }
      case RecordLayout.TYPE_PROCESS -> {
        process.wrap(data, at);
        handler.onProcess(process);
      }
      default -> throw new BpfException("unknown ring-buffer record " + data.get(JAVA_SHORT, at));
    }
  }

  private void dispatchEvents(RecordHandler handler, long at) {
    int count = Short.toUnsignedInt(data.get(JAVA_SHORT, at + RecordLayout.HEADER_COUNT));
    int tgid = data.get(JAVA_INT, at + RecordLayout.HEADER_TGID);
    long next = at + RecordLayout.HEADER_BYTES;
    for (int i = 0; i < count; i++, next += RecordLayout.EVENT_BYTES) {
      event.wrap(data, next, tgid);
      handler.onEvent(event);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
