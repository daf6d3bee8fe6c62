package io.unfreed.shim.inject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.ffi.Errno;
import io.unfreed.bpf.ffi.SystemCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The target's memory, by {@code process_vm_readv} and {@code process_vm_writev}. */
record RemoteMemory(int tgid) {
  private static final int NAME_BYTES = 256;

  /** All of the bytes, or an exception: a short read is a failed one. */
  byte[] read(long address, int bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ours = arena.allocate(Math.max(bytes, 1));
      long got =
          SystemCall.processVmReadv(
              tgid, vector(arena, ours.address(), bytes), vector(arena, address, bytes));
      check(got, bytes, "reading", address);
      return ours.asSlice(0, bytes).toArray(JAVA_BYTE);
    }
  }

  ByteBuffer buffer(long address, int bytes) throws IOException {
    return ByteBuffer.wrap(read(address, bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  long u64(long address) throws IOException {
    return buffer(address, 8).getLong();
  }

  int u32(long address) throws IOException {
    return buffer(address, 4).getInt();
  }

  void write(long address, byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ours = arena.allocateFrom(JAVA_BYTE, bytes);
      long put =
          SystemCall.processVmWritev(
              tgid,
              vector(arena, ours.address(), bytes.length),
              vector(arena, address, bytes.length));
      check(put, bytes.length, "writing", address);
    }
  }

  void writeU32(long address, int value) throws IOException {
    write(address, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  /** A NUL-terminated string; a long one is cut. */
  String string(long address) throws IOException {
    StringBuilder text = new StringBuilder();
    // In small steps: the string may lie at the end of the last readable page.
    for (int part = 0; part < NAME_BYTES; part++) {
      int bytes = 16 - (int) ((address + text.length()) & 15);
      byte[] read = read(address + text.length(), bytes);
      int end = 0;
      while (end < bytes && read[end] != 0) {
        end++;
      }
      text.append(new String(read, 0, end, StandardCharsets.ISO_8859_1));
      if (end < bytes) {
        break;
      }
    }
    return text.toString();
  }

  private static MemorySegment vector(Arena arena, long address, long bytes) {
    MemorySegment vector = arena.allocate(JAVA_LONG, 2);
    vector.setAtIndex(JAVA_LONG, 0, address);
    vector.setAtIndex(JAVA_LONG, 1, bytes);
    return vector;
  }

  private void check(long result, int bytes, String what, long address) throws IOException {
    if (result != bytes) {
      throw new IOException(
          what
              + " memory of process "
              + tgid
              + " at 0x"
              + Long.toHexString(address)
              + " failed"
              + (result < 0 ? ": " + Errno.describe((int) -result) : ""));
    }
  }
}
