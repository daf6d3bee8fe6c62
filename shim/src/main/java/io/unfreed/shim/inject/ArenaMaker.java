package io.unfreed.shim.inject;

import java.io.IOException;

/** Prepares the memory that is shared with the library, before the library is told of it. */
@FunctionalInterface
public interface ArenaMaker {
  /**
   * Sizes the file and writes what the library expects to find. A thread of the target is stopped
   * meanwhile.
   *
   * @param fd a descriptor of this process, of an empty memfd that the target created; it is closed
   *     when this method returns
   */
  void make(int fd) throws IOException;
}
