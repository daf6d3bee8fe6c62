package io.unfreed.collector.capture;

import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.BatchConversion;
import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * What stands before the first block.
 *
 * @param branches schemas of the union in the order of the writer
 * @param conversion makes the event batches current; null when they are
 * @param codec how the blocks are packed
 * @param sync marker behind every block
 */
record CaptureHeader(
    List<Schema> branches, BatchConversion conversion, BlockCodec codec, byte[] sync) {
  private static final int LONGEST_REASON = 160;

  /** Reads the header and leaves the window at the first block. */
  static CaptureHeader read(Path file, ByteWindow window) throws RecordingException {
    byte[] magic = CaptureFormat.magic();
    if (!window.ensure(magic.length)
        || !CaptureFormat.isContainer(window.bytes(), window.position(), window.remaining())) {
      throw new RecordingException(
          file + ": not a capture: it does not begin with \"Obj\" 1; nothing was read");
    }
    window.ensure(CaptureFormat.LARGEST_HEADER_BYTES);
    ByteCursor in = new ByteCursor();
    int length = Math.min(window.remaining(), CaptureFormat.LARGEST_HEADER_BYTES);
    in.reset(window.bytes(), window.position() + magic.length, length - magic.length);
    try {
      CaptureHeader header = parse(file, window.bytes(), in);
      window.skip(in.position() - window.position());
      return header;
    } catch (MalformedBatchException | AvroRuntimeException e) {
      throw new RecordingException(
          file
              + ": not a readable capture: its header is damaged: "
              + brief(e.getMessage())
              + "; nothing was read");
    }
  }

  /** What is told of a damaged text: it may be the whole schema. */
  private static String brief(String text) {
    String line = text == null ? "" : text.lines().findFirst().orElse("");
    return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "...";
  }

  /** Whether it is a trace: what it states is where others have event batches. */
  boolean isTrace() {
    return isTrace(branches.get(CaptureFormat.TRACE_STATEMENT));
  }

  private static boolean isTrace(Schema recorded) {
    return recorded.getFullName().equals(TraceStatement.class.getName());
  }

  private static CaptureHeader parse(Path file, byte[] bytes, ByteCursor in)
      throws MalformedBatchException, RecordingException {
    String schemaJson = null;
    String codecName = "null";
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        String key = in.readText();
        int length = in.readInt();
        String value = new String(bytes, in.take(length), length, StandardCharsets.UTF_8);
        if (key.equals("avro.schema")) {
          schemaJson = value;
        } else if (key.equals("avro.codec")) {
          codecName = value;
        }
      }
    }
    if (schemaJson == null) {
      throw new MalformedBatchException("no avro.schema in it");
    }
    BlockCodec codec = BlockCodec.named(codecName);
    if (codec == null) {
      throw new RecordingException(
          file + ": codec " + brief(codecName) + " is not known here; nothing was read");
    }
    int syncAt = in.take(CaptureFormat.SYNC_BYTES);
    byte[] sync = Arrays.copyOfRange(bytes, syncAt, syncAt + CaptureFormat.SYNC_BYTES);
    List<Schema> branches = branches(file, schemaJson);
    return new CaptureHeader(branches, conversion(file, branches), codec, sync);
  }

  private static BatchConversion conversion(Path file, List<Schema> branches)
      throws RecordingException {
    Schema theirs = branches.get(CaptureFormat.EVENT_BATCH);
    if (isTrace(theirs)) {
      return null;
    }
    Schema ours = CaptureFormat.schema().getTypes().get(CaptureFormat.EVENT_BATCH);
    if (theirs.equals(ours)) {
      return null;
    }
    try {
      return BatchConversion.from(theirs);
    } catch (MalformedBatchException e) {
      throw differs(file, theirs, e.getMessage());
    }
  }

  private static RecordingException differs(Path file, Schema theirs, String how) {
    return new RecordingException(
        file
            + ": an Avro file, but not a capture of a version known here: "
            + brief(theirs.getFullName())
            + " differs"
            + (how == null ? "" : " (" + brief(how) + ")")
            + ", a newer Unfreed may read it; nothing was read");
  }

  private static List<Schema> branches(Path file, String schemaJson) throws RecordingException {
    if (schemaJson.equals(CaptureFormat.schemaJson(false))) {
      return CaptureFormat.schema().getTypes();
    }
    Schema schema = new Schema.Parser().parse(schemaJson);
    if (schema.getType() != Schema.Type.UNION
        || schema.getTypes().size() < CaptureFormat.BRANCHES) {
      throw new RecordingException(
          file + ": an Avro file, but not a capture: its schema is another; nothing was read");
    }
    boolean trace = isTrace(schema.getTypes().get(CaptureFormat.TRACE_STATEMENT));
    List<Schema> ours = (trace ? CaptureFormat.traceSchema() : CaptureFormat.schema()).getTypes();
    for (int i = 0; i < ours.size(); i++) {
      Schema theirs = schema.getTypes().get(i);
      if (!theirs.getFullName().equals(ours.get(i).getFullName())) {
        throw differs(file, theirs, null);
      }
      String renamed = KnownFields.renamed(theirs, ours.get(i));
      if (renamed != null) {
        throw new RecordingException(
            file
                + ": not a readable capture: its header is damaged: another name for "
                + renamed
                + " of "
                + brief(theirs.getFullName())
                + "; nothing was read");
      }
    }
    return schema.getTypes();
  }
}
