package io.unfreed.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Standard output that remembers why it could not be written: a {@link PrintStream} keeps quiet
 * about a full disk.
 */
final class Results {
  /** Of a process that SIGPIPE ends, as other tools end when nobody reads on. */
  private static final int NOBODY_READS = 128 + 13;

  private final RememberingStream stream = new RememberingStream();

  /** The stream to print to. */
  PrintStream printStream() {
    Charset charset = System.out.charset();
    return new PrintStream(new BufferedOutputStream(stream), true, charset);
  }

  /** The exit code, when what was printed has to arrive for success; says why it did not. */
  int exitCode(int done) {
    System.out.flush();
    if (stream.failure == null) {
      return done;
    }
    if ("Broken pipe".equals(stream.failure.getMessage())) {
      return done == ExitCodes.OK ? NOBODY_READS : done;
    }
    System.err.println("unfreed: stdout: cannot be written: " + stream.failure.getMessage());
    return done == ExitCodes.OK ? ExitCodes.FAILED : done;
  }

  private static final class RememberingStream extends FilterOutputStream {
    private IOException failure;

    RememberingStream() {
      super(new FileOutputStream(FileDescriptor.out));
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }
  }
}
