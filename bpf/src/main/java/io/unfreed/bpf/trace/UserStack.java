package io.unfreed.bpf.trace;

import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.bpf.ring.StackCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stack of user code as the kernel side sent it.
 *
 * @param tgid whose
 * @param frames innermost first
 * @param incomplete why it is not whole; empty if it is, or was taken by frame pointers
 */
record UserStack(int tgid, List<Place> frames, Optional<Incomplete> incomplete) {
  /**
   * Where a frame was mapped from when the stack was taken.
   *
   * @param inode of the file; 0 for none, or {@link StackCursor#INODE_UNKNOWN}
   * @param fileOffset of the return address in that file
   */
  record Place(long returnAddress, long inode, long fileOffset) {}

  static UserStack of(StackCursor stack) {
    List<Place> frames = new ArrayList<>();
    for (int i = 0; i < stack.depth(); i++) {
      frames.add(new Place(stack.frame(i), stack.inode(i), stack.fileOffset(i)));
    }
    return new UserStack(stack.tgid(), List.copyOf(frames), stack.incomplete());
  }
}
