package io.unfreed.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * {@code linux/bpf.h}: an iterator's program run over one task (since Linux 6.1), by the system
 * call because the task's place in the attributes is all there is to say.
 */
final class TaskIterator {
  private static final int BPF_LINK_CREATE = 28;
  private static final int BPF_ITER_CREATE = 33;
  private static final int BPF_TRACE_ITER = 28;
  private static final int PIECE_BYTES = 1 << 16;
  private static final int MOST_BYTES = 4 << 20;

  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[PIECE_BYTES]);

  private TaskIterator() {}

  /**
   * What the program wrote before a record of zeros, which it must end with: Linux 6.18 was seen to
   * tell the mappings of a task that was just starting without end.
   *
   * @return empty when the kernel cannot, the task is gone, or there is no end in 4 MiB
   */
  static Optional<byte[]> run(int programFd, int tid, int recordBytes) {
    int link = link(programFd, tid);
    if (link < 0) {
      return Optional.empty();
    }
    int iterator = -1;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = arena.allocate(8, 8); // u32 link_fd, flags
      attr.set(JAVA_INT, 0, link);
      iterator = (int) SystemCall.bpf(BPF_ITER_CREATE, attr);
      return iterator < 0
          ? Optional.empty()
          : readAll(iterator, arena.allocate(PIECE_BYTES, 8), recordBytes);
    } finally {
      if (iterator >= 0) {
        LibC.close(iterator);
      }
      LibC.close(link);
    }
  }

  private static int link(int programFd, int tid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info =
          arena.allocate(16, 8); // union bpf_iter_link_info, task: u32 tid, pid, fd
      info.set(JAVA_INT, 0, tid);
      // u32 prog_fd, target_fd, attach_type, flags; u64 iter_info; u32 iter_info_len
      MemorySegment attr = arena.allocate(32, 8);
      attr.set(JAVA_INT, 0, programFd);
      attr.set(JAVA_INT, 8, BPF_TRACE_ITER);
      attr.set(ADDRESS, 16, info);
      attr.set(JAVA_INT, 24, (int) info.byteSize());
      return (int) SystemCall.bpf(BPF_LINK_CREATE, attr);
    }
  }

  private static Optional<byte[]> readAll(int fd, MemorySegment piece, int recordBytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    long got = SystemCall.read(fd, piece);
    while (got > 0 && all.size() < MOST_BYTES) {
      long last = got - recordBytes;
      if (last >= 0
          && piece.asSlice(last, recordBytes).mismatch(ZEROS.asSlice(0, recordBytes)) < 0) {
        all.writeBytes(piece.asSlice(0, last).toArray(JAVA_BYTE));
        return Optional.of(all.toByteArray());
      }
      all.writeBytes(piece.asSlice(0, got).toArray(JAVA_BYTE));
      got = SystemCall.read(fd, piece);
    }
    return Optional.empty();
  }
}
