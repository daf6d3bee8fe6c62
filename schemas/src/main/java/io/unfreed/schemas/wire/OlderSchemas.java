package io.unfreed.schemas.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.SchemaStore;

/**
 * Schemas of the versions that were released, so that their records stay readable: resources in
 * Avro's canonical form, never to be changed. A version has the records that it changed.
 */
final class OlderSchemas {
  /** Latest first: its records are met most. */
  static final List<String> VERSIONS = List.of("v4", "v3", "v2", "v1");

  private OlderSchemas() {}

  /** Earlier schemas of a record, parsed when such a record is met. */
  static SchemaStore of(String record) {
    return fingerprint -> {
      for (String version : VERSIONS) {
        Schema schema = find(version, record);
        if (schema != null && SchemaNormalization.parsingFingerprint64(schema) == fingerprint) {
          return schema;
        }
      }
      return null;
    };
  }

  /** What a record was in a version; null when that version had not changed it. */
  static Schema find(String version, String record) {
    URL resource = OlderSchemas.class.getResource(version + "/" + record + ".avsc");
    if (resource == null) {
      return null;
    }
    try (InputStream in = resource.openStream()) {
      return new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException(resource.toString(), e);
    }
  }
}
