package io.unfreed.schemas.stack;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Hashes frame keys to a {@link StackId}. The byte encoding is written down in docs/formats.md with
 * a test vector: a version byte 1, the number of frames as 4 bytes big endian, then for each frame,
 * innermost first, a tag byte and its fields; texts are UTF-8 behind a 4-byte length, numbers 4 or
 * 8 bytes big endian. Not thread-safe; reusable.
 */
public final class StackHasher {
  private static final byte ENCODING_VERSION = 1;
  private static final byte IN_BUILD = 1;
  private static final byte IN_MODULE = 2;
  private static final byte RAW = 3;
  private static final byte NAMED = 4;

  private final MessageDigest sha256 = sha256();
  private final byte[] number = new byte[8];

  /** The id of a stack whose frames are given innermost first. */
  public StackId hash(List<FrameKey> frames) {
    sha256.reset();
    sha256.update(ENCODING_VERSION);
    putInt(frames.size());
    for (FrameKey frame : frames) {
      put(frame);
    }
    StackId id = StackId.read(sha256.digest(), 0);
    return id.equals(StackId.UNKNOWN) ? new StackId(0, 1) : id;
  }

  private void put(FrameKey frame) {
    switch (frame) {
      case FrameKey.InBuild f -> {
        sha256.update(IN_BUILD);
        putText(f.buildIdHex());
        putLong(f.address());
      }
      case FrameKey.InModule f -> {
        sha256.update(IN_MODULE);
        putText(f.module());
        putLong(f.address());
      }
      case FrameKey.Raw f -> {
        sha256.update(RAW);
        putLong(f.address());
      }
      case FrameKey.Named f -> {
        sha256.update(NAMED);
        putText(f.module());
        putText(f.function());
        putText(f.file());
        putInt(f.line());
        sha256.update((byte) (f.inlined() ? 1 : 0));
      }
    }
  }

  private void putText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putInt(utf8.length);
    sha256.update(utf8);
  }

  private void putInt(int value) {
    Bytes.putLong(number, 0, value);
    sha256.update(number, 4, 4);
  }

  private void putLong(long value) {
    Bytes.putLong(number, 0, value);
    sha256.update(number, 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
