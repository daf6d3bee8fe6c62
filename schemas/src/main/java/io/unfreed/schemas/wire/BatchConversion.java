package io.unfreed.schemas.wire;

import io.unfreed.schemas.EventBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Makes event batches of another version, earlier or later, current by what Avro calls resolution:
 * fields are found by name, those that are not known here are left out, those that are missing have
 * their default. Bytes are moved, nothing is decoded: records within the batch are taken apart
 * field by field, every other field is moved whole and so must have the same type in both versions.
 * Immutable.
 *
 * <pre>
 *   theirs   session .. process(tgid .. command)                  baseNanos .. weather .. stackRefs
 *   current  session .. process(tgid .. command, null) .. false,  baseNanos ..         .. stackRefs, []
 * </pre>
 */
public final class BatchConversion {
  /** A field that is no record: its path, and its type in a form that tells differences. */
  private record Leaf(String path, Schema schema, byte[] defaultBytes) {
    boolean isNumbers() {
      return schema.getType() == Schema.Type.ARRAY
          && (schema.getElementType().getType() == Schema.Type.INT
              || schema.getElementType().getType() == Schema.Type.LONG);
    }
  }

  private static final int DEEPEST = 8;

  private final List<Leaf> theirs;

  /** By field of ours: where it is among theirs, or -1. */
  private final int[] sources;

  private final List<Leaf> ours;

  private BatchConversion(List<Leaf> theirs, List<Leaf> ours, int[] sources) {
    this.theirs = theirs;
    this.ours = ours;
    this.sources = sources;
  }

  /**
   * From batches with the writer's schema.
   *
   * @throws MalformedBatchException if it breaks the rule of docs/formats.md, "Versions"; says how
   */
  public static BatchConversion from(Schema writer) throws MalformedBatchException {
    Schema current = EventBatch.getClassSchema();
    if (writer.getType() != Schema.Type.RECORD
        || !writer.getFullName().equals(current.getFullName())) {
      throw new MalformedBatchException("it is no " + current.getFullName());
    }
    List<Leaf> theirs = leaves(writer);
    List<Leaf> ours = leaves(current);
    Map<String, Integer> known = new HashMap<>();
    for (int i = 0; i < theirs.size(); i++) {
      known.put(theirs.get(i).path(), i);
    }
    int[] sources = new int[ours.size()];
    for (int i = 0; i < sources.length; i++) {
      Leaf leaf = ours.get(i);
      sources[i] = known.getOrDefault(leaf.path(), -1);
      if (sources[i] < 0 && leaf.defaultBytes() == null) {
        throw new MalformedBatchException("its field " + leaf.path() + " is missing");
      }
      if (sources[i] >= 0 && !isSame(theirs.get(sources[i]).schema(), leaf.schema())) {
        throw new MalformedBatchException("its field " + leaf.path() + " is of another type");
      }
    }
    return new BatchConversion(theirs, ours, sources);
  }

  /** Reads one batch of theirs, and gives its body as this version writes it. */
  public byte[] toCurrent(ByteCursor in) throws MalformedBatchException {
    int[] ends = new int[theirs.size() + 1];
    ends[0] = in.position();
    for (int i = 0; i < theirs.size(); i++) {
      if (theirs.get(i).isNumbers()) {
        in.skipNumbers();
      } else {
        AvroSkipper.skip(theirs.get(i).schema(), in);
      }
      ends[i + 1] = in.position();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(in.position() - ends[0] + ours.size());
    for (int i = 0; i < sources.length; i++) {
      if (sources[i] < 0) {
        out.writeBytes(ours.get(i).defaultBytes());
      } else {
        int from = ends[sources[i]];
        out.write(in.buffer(), from, ends[sources[i] + 1] - from);
      }
    }
    return out.toByteArray();
  }

  private static boolean isSame(Schema one, Schema other) {
    return SchemaNormalization.parsingFingerprint64(one)
        == SchemaNormalization.parsingFingerprint64(other);
  }

  private static List<Leaf> leaves(Schema record) throws MalformedBatchException {
    List<Leaf> leaves = new ArrayList<>();
    add(leaves, "", record, 0);
    return leaves;
  }

  private static void add(List<Leaf> leaves, String path, Schema record, int depth)
      throws MalformedBatchException {
    if (depth > DEEPEST) {
      throw new MalformedBatchException("its records are nested over " + DEEPEST + " levels");
    }
    for (Schema.Field field : record.getFields()) {
      if (field.schema().getType() == Schema.Type.RECORD) {
        add(leaves, path + field.name() + ".", field.schema(), depth + 1);
      } else {
        leaves.add(new Leaf(path + field.name(), field.schema(), defaultBytes(field)));
      }
    }
  }

  private static byte[] defaultBytes(Schema.Field field) {
    if (!field.hasDefaultValue()) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      new GenericDatumWriter<>(field.schema())
          .write(GenericData.get().getDefaultValue(field), encoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
