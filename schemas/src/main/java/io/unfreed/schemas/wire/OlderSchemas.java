package io.unfreed.schemas.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.SchemaStore;

/**
 * Schemas of earlier versions, so that their records stay readable: resources in Avro's canonical
 * form, never to be changed. When a record changes, what it was is added here.
 */
final class OlderSchemas {
  /** Records of the first version that have changed since. */
  private static final Set<String> FIRST =
      Set.of(
          "EventBatch",
          "LaneTick",
          "LeakReport",
          "MergeState",
          "Session",
          "StackMerge",
          "StackState");

  private OlderSchemas() {}

  /** Earlier schemas of a record, parsed when such a record is met. */
  static SchemaStore of(String record) {
    return fingerprint -> {
      Schema first = FIRST.contains(record) ? first(record) : null;
      return first != null && SchemaNormalization.parsingFingerprint64(first) == fingerprint
          ? first
          : null;
    };
  }

  /** What a record was in the first version. */
  static Schema first(String record) {
    String name = "v1/" + record + ".avsc";
    try (InputStream in = OlderSchemas.class.getResourceAsStream(name)) {
      return new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
