package io.unfreed.bpf.ffi;

import java.lang.foreign.MemorySegment;

/** An attached program. Closing detaches; the kernel does so too when this process ends. */
public final class BpfLink implements AutoCloseable {
  private MemorySegment link;

  BpfLink(MemorySegment link) {
    this.link = link;
  }

  @Override
  public synchronized void close() {
    if (link != null) {
      LibBpfObject.linkDestroy(link);
      link = null;
    }
  }
}
