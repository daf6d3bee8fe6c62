package io.unfreed.schemas.wire;

import org.apache.avro.Schema;

/**
 * Steps over one Avro value without building it, and so proves that every length in it lies within
 * the bytes there are: Avro's own decoder allocates what a corrupt length says.
 */
public final class AvroSkipper {
  private static final int DEEPEST = 32;

  private AvroSkipper() {}

  /** Moves the cursor behind a value that was written with a schema. */
  public static void skip(Schema schema, ByteCursor in) throws MalformedBatchException {
    skip(schema, in, 0);
  }

  private static void skip(Schema schema, ByteCursor in, int depth) throws MalformedBatchException {
    if (depth > DEEPEST) {
      throw new MalformedBatchException("a value nested over " + DEEPEST + " levels");
    }
    switch (schema.getType()) {
      case NULL -> {}
      case BOOLEAN -> in.take(1);
      case INT -> in.readInt();
      case LONG -> in.readLong();
      case FLOAT -> in.take(Float.BYTES);
      case DOUBLE -> in.take(Double.BYTES);
      case FIXED -> in.take(schema.getFixedSize());
      case STRING, BYTES -> in.take(in.readInt());
      case ENUM -> below(in.readInt(), schema.getEnumSymbols().size(), "enum symbol");
      case UNION -> {
        int branch = below(in.readInt(), schema.getTypes().size(), "union branch");
        skip(schema.getTypes().get(branch), in, depth + 1);
      }
      case RECORD -> {
        for (Schema.Field field : schema.getFields()) {
          skip(field.schema(), in, depth + 1);
        }
      }
      case ARRAY -> skipItems(schema.getElementType(), false, in, depth);
      case MAP -> skipItems(schema.getValueType(), true, in, depth);
    }
  }

  private static void skipItems(Schema item, boolean keyed, ByteCursor in, int depth)
      throws MalformedBatchException {
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        if (keyed) {
          in.take(in.readInt());
        }
        skip(item, in, depth + 1);
      }
    }
  }

  private static int below(int value, int limit, String what) throws MalformedBatchException {
    if (value < 0 || value >= limit) {
      throw new MalformedBatchException(what + " " + value + " of " + limit);
    }
    return value;
  }
}
