package io.unfreed.schemas.wire;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import java.nio.charset.StandardCharsets;

/**
 * The key that a record must have by what its value says. A record under another key is somebody's
 * mistake or forgery: whoever routes by keys would never see it, or see it twice, so everybody
 * passes over it.
 */
public final class RecordKeys {
  private RecordKeys() {}

  /** Key in {@code unfreed.stacks}. */
  public static String of(CallStack stack) {
    return StackId.of(stack.getStackId()) + "/" + stack.getQuality();
  }

  /** Refuses a session under another key. */
  public static void check(byte[] key, Session session) throws MalformedBatchException {
    check(text(key), session.getSessionId(), "session");
  }

  /** Refuses a call stack under another key. */
  public static void check(byte[] key, CallStack stack) throws MalformedBatchException {
    check(text(key), of(stack), "call stack");
  }

  /** Refuses a batch under another key. */
  public static void check(byte[] key, BatchHeader header) throws MalformedBatchException {
    check(text(key), header);
  }

  /** Refuses a batch under another key. */
  public static void check(String key, BatchHeader header) throws MalformedBatchException {
    check(key, header.key().toString(), "batch of lane");
  }

  /** Refuses a report under another key. */
  public static void check(byte[] key, LeakReport report) throws MalformedBatchException {
    String own = LaneKey.incarnationKey(report.getSession(), report.getIncarnation());
    check(text(key), own, "report of");
  }

  /** Refuses a statement of a lane under another key than its incarnation's. */
  public static void check(byte[] key, LaneKey lane) throws MalformedBatchException {
    check(text(key), lane.incarnationKey(), "statement of a lane of");
  }

  /** Key in {@code unfreed.histograms}. */
  public static String of(TraceStatement statement) {
    return statement.getSession() + "/" + statement.getIncarnation() + "/" + statement.getProbe();
  }

  /** Refuses a statement of a tracer under another key. */
  public static void check(byte[] key, TraceStatement statement) throws MalformedBatchException {
    check(text(key), of(statement), "statement of");
  }

  private static void check(String key, String own, String what) throws MalformedBatchException {
    if (!key.equals(own)) {
      throw new MalformedBatchException("key " + key + " on a " + what + " " + own);
    }
  }

  /** A null key, which only a foreign record has, is the empty text. */
  private static String text(byte[] key) {
    return key == null ? "" : new String(key, StandardCharsets.UTF_8);
  }
}
