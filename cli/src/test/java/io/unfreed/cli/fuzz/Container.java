package io.unfreed.cli.fuzz;

import io.unfreed.collector.capture.CaptureFormat;
import io.unfreed.streams.fuzz.AbsurdSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * A capture written piece by piece, so that each piece may be absurd and the others right. Blocks
 * are not packed: what is in them is what a reader sees, as behind a right checksum.
 */
final class Container {
  private static final byte[] SYNC =
      "sixteen bytes...".getBytes(java.nio.charset.StandardCharsets.UTF_8);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);

  /** A container with these metadata, keys and values in turn. */
  Container(List<String> metadata) throws IOException {
    out.write(DataFileConstants.MAGIC);
    encoder.writeLong(metadata.size() / 2);
    for (String text : metadata) {
      encoder.writeString(text);
    }
    encoder.writeLong(0);
    out.write(SYNC);
  }

  /** The metadata of a capture. */
  static List<String> metadata() {
    return List.of("avro.schema", CaptureFormat.schema().toString(), "avro.codec", "null");
  }

  /** Adds a block. */
  void block(long records, long length, byte[] bytes) throws IOException {
    encoder.writeLong(records);
    encoder.writeLong(length);
    out.write(bytes);
    out.write(SYNC);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** A record as it is in a block. */
  static byte[] record(AbsurdSession.Item item) throws IOException {
    return switch (item) {
      case AbsurdSession.Facts facts -> record(0, facts.session());
      case AbsurdSession.Frames frames -> record(1, frames.stack());
      case AbsurdSession.Batch batch -> {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        EncoderFactory.get().directBinaryEncoder(bytes, null).writeLong(2);
        bytes.write(batch.body());
        yield bytes.toByteArray();
      }
    };
  }

  private static byte[] record(int branch, SpecificRecordBase record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeLong(branch);
    new SpecificDatumWriter<>(record.getSchema()).write(record, encoder);
    return bytes.toByteArray();
  }
}
