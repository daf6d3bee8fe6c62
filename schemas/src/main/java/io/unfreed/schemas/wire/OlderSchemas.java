package io.unfreed.schemas.wire;

import org.apache.avro.message.SchemaStore;

/**
 * Schemas of earlier versions, by fingerprint, so that their records stay readable. Add the old
 * schema here, as a resource, when a record changes. Version 1 is the first.
 */
final class OlderSchemas {
  private OlderSchemas() {}

  static SchemaStore store() {
    return new SchemaStore.Cache();
  }
}
