package io.unfreed.bpf.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code linux/bpf.h}: links of one program to many places of one file (since Linux 6.6), by the
 * system call itself because libbpf knows them since 1.3. They need CAP_BPF and CAP_PERFMON and
 * nothing else, where perf events of user probes need CAP_SYS_ADMIN as well.
 */
final class UprobeMulti {
  /** BPF_TRACE_UPROBE_MULTI: what a program is loaded for, and its links are of. */
  static final int ATTACH_TYPE = 48;

  private static final int BPF_LINK_CREATE = 28;
  private static final int AT_RETURN = 1;

  // union bpf_attr, link_create: u32 prog_fd, target_fd, attach_type, flags; then uprobe_multi:
  // u64 path, offsets, ref_ctr_offsets, cookies; u32 cnt, flags, pid
  private static final int ATTR_BYTES = 64;

  private UprobeMulti() {}

  /** A descriptor of the link, or -errno. */
  static int link(int programFd, UprobeSpots spots, int tgid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
      attr.set(JAVA_INT, 0, programFd);
      attr.set(JAVA_INT, 8, ATTACH_TYPE);
      attr.set(ADDRESS, 16, arena.allocateFrom(spots.binary()));
      attr.set(ADDRESS, 24, arena.allocateFrom(JAVA_LONG, spots.fileOffsets()));
      attr.set(ADDRESS, 40, arena.allocateFrom(JAVA_LONG, spots.cookies()));
      attr.set(JAVA_INT, 48, spots.fileOffsets().length);
      attr.set(JAVA_INT, 52, spots.atReturn() ? AT_RETURN : 0);
      attr.set(JAVA_INT, 56, tgid);
      return (int) SystemCall.bpf(BPF_LINK_CREATE, attr);
    }
  }

  /**
   * Whether this kernel has them, and has them filter by process: the first ones saw the main
   * thread only. A link to a directory is refused for being that; for an impossible process before
   * that, but only by kernels that know processes.
   *
   * @param programFd of a program loaded for them
   */
  static boolean areThere(int programFd) {
    UprobeSpots nowhere = new UprobeSpots("/", new long[1], new long[1], false);
    return link(programFd, nowhere, 0) == -Errno.EBADF
        && link(programFd, nowhere, -1) == -Errno.EINVAL;
  }
}
