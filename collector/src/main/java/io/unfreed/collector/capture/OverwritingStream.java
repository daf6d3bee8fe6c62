package io.unfreed.collector.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes over a file that exists. What was there before goes with the first byte, so that a
 * recording that never begins costs nothing. Used by one thread at a time.
 */
final class OverwritingStream extends OutputStream {
  private final FileChannel channel;
  private final OutputStream out;
  private boolean isBegun;

  /** Opens a regular file. */
  OverwritingStream(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.WRITE);
    out = Channels.newOutputStream(channel);
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    if (!isBegun) {
      channel.truncate(0);
      isBegun = true;
    }
    out.write(bytes, from, count);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
