package io.unfreed.bpf.ring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** One event in the mapped ring buffer; valid only during {@link RecordHandler#onEvent}. */
public final class EventCursor {
  private MemorySegment data;
  private long at;
  private int tgid;

  EventCursor() {}

  void wrap(MemorySegment data, long at, int tgid) {
    this.data = data;
    this.at = at;
    this.tgid = tgid;
  }

  /** Whose address space; 0 is the kernel. */
  public int tgid() {
    return tgid;
  }

  /** CLOCK_MONOTONIC: a free's enter, an allocation's exit. */
  public long timeNanos() {
    return data.get(JAVA_LONG, at + RecordLayout.EVENT_TIME);
  }

  public long address() {
    return data.get(JAVA_LONG, at + RecordLayout.EVENT_ADDRESS);
  }

  /** Requested bytes; for mappings a multiple of the page; for frees 0. */
  public long sizeBytes() {
    return data.get(JAVA_LONG, at + RecordLayout.EVENT_SIZE);
  }

  /** The reference of a stack record, 0 for none; unsigned. */
  public int stackReference() {
    return data.get(JAVA_INT, at + RecordLayout.EVENT_STACK);
  }

  public int tid() {
    return data.get(JAVA_INT, at + RecordLayout.EVENT_TID);
  }

  /** One of {@link RecordLayout#ALLOC} to {@link RecordLayout#MAP}. */
  public int kind() {
    return data.get(JAVA_BYTE, at + RecordLayout.EVENT_KIND);
  }

  /** The id of an {@link io.unfreed.bpf.probe.AllocatorFunction}. */
  public int function() {
    return data.get(JAVA_BYTE, at + RecordLayout.EVENT_FUNCTION);
  }

  /** One of {@link RecordLayout#HEAP} to {@link RecordLayout#PERCPU}. */
  public int space() {
    return data.get(JAVA_BYTE, at + RecordLayout.EVENT_SPACE);
  }

  /** Whether the thread is ending: libc frees what its cache holds, which was freed before. */
  public boolean threadEnds() {
    return (data.get(JAVA_BYTE, at + RecordLayout.EVENT_FLAGS) & RecordLayout.FLAG_THREAD_ENDS)
        != 0;
  }
}
