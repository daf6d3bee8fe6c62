package io.unfreed.shim.inject;

import java.io.IOException;
import java.util.List;

/**
 * Two pieces of code that every glibc process has, used instead of code of our own, which would
 * need writable or new executable memory in the target.
 *
 * @param restorer {@code mov $15,%rax; syscall}: rt_sigreturn, as signal handlers return to it
 * @param store {@code mov %rax,store offset(%rbx)}, pops, {@code ret}: keeps a call's result
 * @param storeOffset in bytes
 * @param storePops words that are popped between
 */
record CodeSpots(long restorer, long store, int storeOffset, int storePops) {
  private static final byte[] RESTORER = {0x48, (byte) 0xc7, (byte) 0xc0, 15, 0, 0, 0, 0x0f, 5};
  private static final int SYSCALL_OFFSET = 7;
  private static final int MAX_CODE_BYTES = 64 << 20;

  /** The ways that a compiler ends such a function: pop %rbx, then %rbp or %r12. */
  private static final byte[][] ENDS = {
    {0x5b, (byte) 0xc3},
    {0x5b, 0x5d, (byte) 0xc3},
    {0x5b, 0x41, 0x5c, (byte) 0xc3},
    {0x5b, 0x5d, 0x41, 0x5c, (byte) 0xc3}
  };

  private static final int[] POPS = {1, 2, 2, 3};

  /** The restorer's system call instruction, and where a thread stands that has entered it. */
  long systemCall() {
    return restorer + SYSCALL_OFFSET;
  }

  long afterSystemCall() {
    return restorer + RESTORER.length;
  }

  static CodeSpots find(RemoteMemory memory, List<Mapping> mappings)
      throws IOException, InjectionRefusedException {
    long restorer = 0;
    CodeSpots store = null;
    for (Mapping mapping : libcFirst(mappings)) {
      byte[] code = memory.read(mapping.from(), (int) (mapping.to() - mapping.from()));
      if (restorer == 0) {
        int at = indexOf(code, RESTORER);
        restorer = at < 0 ? 0 : mapping.from() + at;
      }
      if (store == null) {
        store = findStore(code, mapping.from());
      }
      if (restorer != 0 && store != null) {
        return new CodeSpots(restorer, store.store, store.storeOffset, store.storePops);
      }
    }
    throw new InjectionRefusedException("its C library is of a kind that is not known here");
  }

  private static List<Mapping> libcFirst(List<Mapping> mappings) {
    return mappings.stream()
        .filter(m -> m.executable() && m.readable() && m.path().startsWith("/"))
        .filter(m -> m.to() - m.from() <= MAX_CODE_BYTES)
        .sorted(java.util.Comparator.comparingInt(m -> m.path().contains("/libc.so.6") ? 0 : 1))
        .toList();
  }

  private static CodeSpots findStore(byte[] code, long address) {
    for (int at = 0; at + 10 < code.length; at++) {
      if (code[at] != 0x48 || code[at + 1] != (byte) 0x89) {
        continue;
      }
      boolean withOffset = code[at + 2] == 0x43 && code[at + 3] >= 0;
      if (!withOffset && code[at + 2] != 3) {
        continue;
      }
      int end = withOffset ? at + 4 : at + 3;
      for (int i = 0; i < ENDS.length; i++) {
        if (java.util.Arrays.mismatch(code, end, end + ENDS[i].length, ENDS[i], 0, ENDS[i].length)
            < 0) {
          return new CodeSpots(0, address + at, withOffset ? code[at + 3] : 0, POPS[i]);
        }
      }
    }
    return null;
  }

  private static int indexOf(byte[] code, byte[] wanted) {
    for (int at = 0; at + wanted.length <= code.length; at++) {
      if (java.util.Arrays.mismatch(code, at, at + wanted.length, wanted, 0, wanted.length) < 0) {
        return at;
      }
    }
    return -1;
  }
}
