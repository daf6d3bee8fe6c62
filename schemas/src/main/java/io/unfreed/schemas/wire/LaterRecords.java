package io.unfreed.schemas.wire;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/**
 * Records of versions that are not known here, read by the schema that their writer published. That
 * may be anybody's, so a record is stepped over before it is built. Not thread-safe.
 *
 * @param <T> the generated record
 */
final class LaterRecords<T extends SpecificRecord> {
  private record Version<T>(Schema writer, SpecificDatumReader<T> reader) {}

  private final Schema ours;
  private final WriterSchemas later;
  private final Map<Long, Version<T>> versions = new HashMap<>();

  LaterRecords(Schema ours, WriterSchemas later) {
    this.ours = ours;
    this.later = later;
  }

  T decode(byte[] message) throws MalformedBatchException {
    long fingerprint = EventBatchCodec.fingerprint(message);
    Version<T> version = versions.get(fingerprint);
    if (version == null) {
      version = version(fingerprint);
      versions.put(fingerprint, version);
    }
    int head = EventBatchCodec.headerLength();
    ByteCursor in = new ByteCursor();
    in.reset(message, head, message.length - head);
    AvroSkipper.skip(version.writer(), in);
    try {
      return version
          .reader()
          .read(
              null, DecoderFactory.get().binaryDecoder(message, head, in.position() - head, null));
    } catch (IOException | RuntimeException e) { // Avro has many for what it cannot resolve
      throw new MalformedBatchException("no " + ours.getName() + ": " + e.getMessage(), e);
    }
  }

  private Version<T> version(long fingerprint) throws MalformedBatchException {
    Schema writer = later.find(fingerprint);
    if (writer == null || !writer.getFullName().equals(ours.getFullName())) {
      throw new MalformedBatchException(UnknownSchema.text(ours.getName(), fingerprint));
    }
    return new Version<>(writer, new SpecificDatumReader<>(writer, ours));
  }
}
