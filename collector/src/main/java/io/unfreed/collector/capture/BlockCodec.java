package io.unfreed.collector.capture;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * How the blocks of a container are packed: the codecs that Avro's Java writer offers by default.
 */
enum BlockCodec {
  NULL("null"),
  DEFLATE("deflate"),
  ZSTANDARD("zstandard");

  private final String avroName;

  BlockCodec(String avroName) {
    this.avroName = avroName;
  }

  /** The codec of that name in the metadata, null when it is none of these. */
  static BlockCodec named(String name) {
    for (BlockCodec codec : values()) {
      if (codec.avroName.equals(name)) {
        return codec;
      }
    }
    return null;
  }

  /**
   * Unpacks into {@code block}.
   *
   * @throws IOException for bytes that do not unpack, or unpack to more than a block may hold
   */
  void unpack(ZstdDecompressCtx zstd, byte[] packed, int offset, int length, Block block)
      throws IOException {
    switch (this) {
      case NULL -> {
        block.ensure(length);
        System.arraycopy(packed, offset, block.bytes(), 0, length);
        block.grew(length);
      }
      case DEFLATE -> {
        Inflater inflater = new Inflater(true);
        try (InputStream in =
            new InflaterInputStream(new ByteArrayInputStream(packed, offset, length), inflater)) {
          drain(in, block);
        } finally {
          inflater.end();
        }
      }
      case ZSTANDARD -> unpackZstd(zstd, packed, offset, length, block);
    }
  }

  private static void unpackZstd(
      ZstdDecompressCtx zstd, byte[] packed, int offset, int length, Block block)
      throws IOException {
    long size = Zstd.getFrameContentSize(packed, offset, length);
    if (size > CaptureFormat.LARGEST_BLOCK_BYTES) {
      throw new IOException("a block of " + size + " bytes is too large");
    }
    if (size <= 0) {
      try (InputStream in =
          new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(packed, offset, length))) {
        drain(in, block);
      }
      return;
    }
    block.ensure((int) size);
    try {
      block.grew(zstd.decompressByteArray(block.bytes(), 0, (int) size, packed, offset, length));
    } catch (ZstdException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void drain(InputStream in, Block block) throws IOException {
    for (; ; ) {
      if (block.length() == block.bytes().length) {
        if (block.length() >= CaptureFormat.LARGEST_BLOCK_BYTES) {
          throw new IOException("a block unpacks to too many bytes");
        }
        block.ensure(Math.min(block.length() * 2, CaptureFormat.LARGEST_BLOCK_BYTES));
      }
      int count = in.read(block.bytes(), block.length(), block.bytes().length - block.length());
      if (count < 0) {
        return;
      }
      block.grew(count);
    }
  }
}
