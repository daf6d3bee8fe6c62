package io.unfreed.bpf.ffi;

import java.lang.foreign.MemorySegment;

/** An attached program. Closing detaches; the kernel does so too when this process ends. */
public final class BpfLink implements AutoCloseable {
  private Runnable detach;

  private BpfLink(Runnable detach) {
    this.detach = detach;
  }

  static BpfLink of(MemorySegment link) {
    return new BpfLink(() -> LibBpfObject.linkDestroy(link));
  }

  static BpfLink of(int fd) {
    return new BpfLink(() -> LibC.close(fd));
  }

  @Override
  public synchronized void close() {
    if (detach != null) {
      detach.run();
      detach = null;
    }
  }
}
