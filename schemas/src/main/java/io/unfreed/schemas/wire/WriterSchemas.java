package io.unfreed.schemas.wire;

import org.apache.avro.Schema;

/** Where the schemas of versions are found that are not known here: later ones. */
public interface WriterSchemas {
  /** Nothing but what this version knows itself. */
  WriterSchemas NONE = fingerprint -> null;

  /** The schema with a 64-bit fingerprint, null when it is not known there either. */
  Schema find(long fingerprint);
}
