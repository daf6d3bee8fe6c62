package io.unfreed.bpf.unwind;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A {@code struct unfreed_object}: the kernel side's name of a file, never taken apart here. */
record ObjectKey(byte[] bytes) {
  static final int BYTES = 24;
  private static final long VDSO_SIZE = 1;

  /** The vdso's, which is in no file. */
  static ObjectKey vdso() {
    ByteBuffer key = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    key.putLong(Long.BYTES, VDSO_SIZE);
    return new ObjectKey(key.array());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ObjectKey(byte[] theirs) && Arrays.equals(bytes, theirs);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "ObjectKey" + Arrays.toString(bytes);
  }
}
