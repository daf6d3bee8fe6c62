package io.unfreed.schemas.wire;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.MergeState;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.StackMerge;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Records of {@code unfreed.schemas}: the fingerprint of a schema in 16 hexadecimal digits, and its
 * text in Avro's canonical form. Writers publish theirs, so that readers of an earlier version can
 * read what they write.
 */
public final class PublishedSchemas {
  private static final int LARGEST_BYTES = 256 << 10;

  private PublishedSchemas() {}

  /** What this version writes: text of the schema by key. */
  public static Map<String, String> ours() {
    Map<String, String> ours = new TreeMap<>();
    Stream.of(
            CallStack.getClassSchema(),
            EventBatch.getClassSchema(),
            LaneTick.getClassSchema(),
            LeakReport.getClassSchema(),
            MergeState.getClassSchema(),
            Session.getClassSchema(),
            StackMerge.getClassSchema(),
            StackState.getClassSchema(),
            TraceStatement.getClassSchema(),
            TraceWindow.getClassSchema())
        .forEach(schema ->
            ours.put(
                key(SchemaNormalization.parsingFingerprint64(schema)),
                SchemaNormalization.toParsingForm(schema)));
    return ours;
  }

  /** The key of a schema. */
  public static String key(long fingerprint) {
    return "%016x".formatted(fingerprint);
  }

  /**
   * Reads what somebody published.
   *
   * @return null for anything but the schema that the key says
   */
  public static Schema parse(byte[] key, byte[] value) {
    if (key == null || value == null || value.length > LARGEST_BYTES) {
      return null;
    }
    try {
      Schema schema = new Schema.Parser().parse(new String(value, StandardCharsets.UTF_8));
      String actual = key(SchemaNormalization.parsingFingerprint64(schema));
      return actual.equals(new String(key, StandardCharsets.UTF_8)) ? schema : null;
    } catch (AvroRuntimeException notASchema) {
      return null;
    }
  }
}
