package io.unfreed.collector.importer;

import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.collector.sink.RecordingSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

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

  @Override
  public boolean isTrace() throws IOException {
    try (CaptureReader reader = CaptureReader.open(file)) {
      return reader.isTrace();
    }
  }

  @Override
  public boolean hasPlaces() {
    return true;
  }

  @Override
  public void copyFrom(long offset, RecordingSink sink, BooleanSupplier isEnough)
      throws IOException {
    try (CaptureReader reader = CaptureReader.openAt(file, offset)) {
      reader.copyTo(sink, isEnough);
    }
  }
}
