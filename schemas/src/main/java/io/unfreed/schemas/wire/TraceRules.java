package io.unfreed.schemas.wire;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import java.util.Optional;

/** What every statement of a tracer keeps to, whoever wrote it; readers rely on it. */
public final class TraceRules {
  /** Powers of two of microseconds. */
  public static final int SLOTS = 32;

  /** The incarnation of what is said of a trace as a whole. */
  public static final String WHOLE = "trace";

  /** How the entry of a session's probes begins that names its tracer. */
  private static final String PROBE = "tracer: ";

  /** No sum of some of these overflows. */
  private static final long MOST = 1L << 56;

  private TraceRules() {}

  /** The entry of a session's probes that makes it a trace. */
  public static String probe(String tracer) {
    return PROBE + tracer;
  }

  /** The tracer of a session; empty when it records allocations. */
  public static Optional<String> tracer(Session session) {
    return session.getProbes().stream()
        .filter(probe -> probe.startsWith(PROBE))
        .map(probe -> probe.substring(PROBE.length()))
        .findFirst();
  }

  /** Refuses what no recorder states. */
  public static void check(TraceStatement statement) throws MalformedBatchException {
    refuseIf(
        statement.getSession().isEmpty()
            || statement.getSession().indexOf('/') >= 0
            || statement.getIncarnation().indexOf('/') >= 0
            || RecordKeys.of(statement).length() > BatchHeader.LARGEST_TEXT_BYTES,
        "its key");
    refuseIf(isOutside(statement.getSequence(), MOST), "its sequence");
    refuseIf(isOutside(statement.getTick(), MOST), "its tick");
    refuseIf(isOutside(statement.getAtNanos(), Long.MAX_VALUE), "its time");
    refuseIf((statement.getRow() == null) == (statement.getHead() == null), "a row and a head");
    if (statement.getRow() != null) {
      check(statement.getRow());
    } else {
      refuseIf(!statement.getIncarnation().equals(WHOLE), "its incarnation");
    }
  }

  private static void check(TraceRow row) throws MalformedBatchException {
    refuseIf(row.getSlots().size() > SLOTS, "its number of slots");
    refuseIf(row.getSlots().stream().anyMatch(count -> isOutside(count, MOST)), "a slot");
    refuseIf(isOutside(row.getCount(), MOST), "its count");
    refuseIf(isOutside(row.getMaxNanos(), Long.MAX_VALUE), "its longest");
    refuseIf(isOutside(row.getTotalNanos(), Long.MAX_VALUE), "its total");
  }

  private static boolean isOutside(long value, long most) {
    return value < 0 || value > most;
  }

  private static void refuseIf(boolean wrong, String what) throws MalformedBatchException {
    if (wrong) {
      throw new MalformedBatchException("no TraceStatement: " + what + " cannot be");
    }
  }
}
