package io.unfreed.bpf.trace;

/** Kernel memory that one process asked for since the start, and what of it was freed. */
public record TraceMemory(
    int tgid, String comm, long allocations, long allocatedBytes, long frees, long freedBytes) {
  public long outstanding() {
    return allocations - frees;
  }

  public long outstandingBytes() {
    return allocatedBytes - freedBytes;
  }
}
