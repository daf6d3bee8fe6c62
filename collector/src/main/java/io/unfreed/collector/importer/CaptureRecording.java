package io.unfreed.collector.importer;

import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.collector.sink.RecordingSink;
import java.io.IOException;
import java.nio.file.Path;

/** Our own capture: copied as it is. */
record CaptureRecording(Path file) implements Recording {
  @Override
  public Kind kind() {
    return Kind.CAPTURE;
  }

  @Override
  public ImportResult copyTo(RecordingSink sink) throws IOException {
    try (CaptureReader reader = CaptureReader.open(file)) {
      reader.copyTo(sink);
      return new ImportResult(-1, 0, null, reader.damage());
    }
  }
}
