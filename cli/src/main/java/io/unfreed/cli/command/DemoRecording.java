package io.unfreed.cli.command;

import io.unfreed.broker.TemporaryDirectory;
import io.unfreed.query.FailedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The recording that the demo replays: a file of the source tree, or unpacked from the release,
 * which has no tree beside it.
 *
 * @param unpacked what to remove behind the demo, null in the source tree
 */
record DemoRecording(Path file, TemporaryDirectory unpacked) implements AutoCloseable {
  /** In the source tree. */
  static final String NAME = "replay-data/stealth.capture";

  /** In the release's jar. */
  private static final String RESOURCE = "/io/unfreed/cli/demo/stealth.capture";

  /** Finds it below the home directory of the source tree, or in the class path. */
  static DemoRecording find(Path home) throws IOException {
    try (InputStream bundled = DemoRecording.class.getResourceAsStream(RESOURCE)) {
      if (bundled != null) {
        return unpack(bundled);
      }
    }
    Path file = home.resolve(NAME);
    if (!Files.isReadable(file)) {
      throw new FailedException(file + ": the demo's recording is missing");
    }
    return new DemoRecording(file, null);
  }

  private static DemoRecording unpack(InputStream bundled) throws IOException {
    TemporaryDirectory directory = TemporaryDirectory.create("unfreed-demo");
    try {
      Path file = directory.path().resolve("stealth.capture");
      Files.copy(bundled, file);
      return new DemoRecording(file, directory);
    } catch (IOException e) {
      directory.close();
      throw e;
    }
  }

  /** Whether the file goes when the demo has ended. */
  boolean isUnpacked() {
    return unpacked != null;
  }

  @Override
  public void close() {
    if (unpacked != null) {
      unpacked.close();
    }
  }
}
