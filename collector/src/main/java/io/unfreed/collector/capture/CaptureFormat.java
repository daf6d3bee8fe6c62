package io.unfreed.collector.capture;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import java.util.List;
import org.apache.avro.Schema;

/**
 * What makes an Avro object container a capture (docs/formats.md). Container layout by the Avro
 * specification, "Object container files":
 *
 * <pre>
 *   header  "Obj" 1, map of metadata, sync marker (16 bytes)
 *   block   record count, byte count, records (zstd with checksum), sync marker
 *   record  union branch (0 session, 1 call stack, 2 event batch; of a trace its
 *           statement), body
 * </pre>
 */
public final class CaptureFormat {
  /** Union branch of a session. */
  static final int SESSION = 0;

  /** Union branch of a call stack. */
  static final int CALL_STACK = 1;

  /** Union branch of an event batch. */
  static final int EVENT_BATCH = 2;

  /** Union branch of what a tracer states: in the place of event batches. */
  static final int TRACE_STATEMENT = EVENT_BATCH;

  /** So many branches every capture has; later versions may have more. */
  static final int BRANCHES = 3;

  static final int SYNC_BYTES = 16;

  /**
   * A writer closes a block with this many uncompressed bytes. Compared with 1 MB, 256 kB gives 3 %
   * larger files (25 % for many stacks), 4 MB 0.6 % smaller ones, on 10 M churn events.
   */
  static final int BLOCK_BYTES = 1 << 20;

  /** Compressed or not, a larger block is refused before anything is allocated for it. */
  static final int LARGEST_BLOCK_BYTES = 32 << 20;

  /** Larger metadata is refused. Avro's own default for one text is larger; ours needs 8 kB. */
  static final int LARGEST_HEADER_BYTES = 1 << 20;

  private static final byte[] MAGIC = {'O', 'b', 'j', 1};

  private CaptureFormat() {}

  /** The schema of a capture of allocations: union of Session, CallStack and EventBatch. */
  public static Schema schema() {
    return Written.EVENTS;
  }

  /**
   * That of a trace: union of Session, CallStack and TraceStatement. Versions that know no traces
   * say so in a line, rather than to report a session in which nothing happened.
   */
  static Schema traceSchema() {
    return Written.TRACE;
  }

  /** A schema as it stands in the header of a file. */
  static String schemaJson(boolean isTrace) {
    return isTrace ? Written.TRACE_JSON : Written.EVENTS_JSON;
  }

  /** Made at first use: recognising a file needs no schema, and this takes half a second cold. */
  private static final class Written {
    static final Schema EVENTS = union(EventBatch.getClassSchema());
    static final Schema TRACE = union(TraceStatement.getClassSchema());
    static final String EVENTS_JSON = EVENTS.toString();
    static final String TRACE_JSON = TRACE.toString();

    private Written() {}

    private static Schema union(Schema recorded) {
      return Schema.createUnion(
          List.of(Session.getClassSchema(), CallStack.getClassSchema(), recorded));
    }
  }

  /** True when {@code bytes} begin like an Avro object container. */
  public static boolean isContainer(byte[] bytes, int offset, int length) {
    if (length < MAGIC.length) {
      return false;
    }
    for (int i = 0; i < MAGIC.length; i++) {
      if (bytes[offset + i] != MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  static byte[] magic() {
    return MAGIC.clone();
  }
}
