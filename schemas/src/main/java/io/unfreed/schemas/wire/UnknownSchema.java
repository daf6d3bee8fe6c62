package io.unfreed.schemas.wire;

/** What is said of a record whose schema is none that this version knows. */
final class UnknownSchema {
  private UnknownSchema() {}

  static String text(String record, long fingerprint) {
    return "no %s of a version known here: its schema has the fingerprint %016x; a newer Unfreed may read it"
        .formatted(record, fingerprint);
  }
}
