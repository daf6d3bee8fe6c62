package io.unfreed.schemas.wire;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.MergeState;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.StackMerge;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Single-object encoding of the records that are not on the hot path. Older schemas are resolved
 * when they were added; an unknown one is an error that names its fingerprint. Not thread-safe, as
 * Avro's encoders are not: one codec per thread.
 *
 * @param <T> the generated record
 */
public final class RecordCodec<T extends SpecificRecord> {
  static {
    GeneratedClasses.trust();
  }

  private final BinaryMessageEncoder<T> encoder;
  private final BinaryMessageDecoder<T> decoder;
  private final LaterRecords<T> laterVersions;
  private final String name;

  /** Stepped over before it is built; null for records that are built at once. */
  private final Schema untrusted;

  private final long fingerprint;

  private RecordCodec(Class<T> type, Schema schema, WriterSchemas later) {
    this(type, schema, later, null);
  }

  private RecordCodec(Class<T> type, Schema schema, WriterSchemas later, Schema untrusted) {
    this.untrusted = untrusted;
    fingerprint = SchemaNormalization.parsingFingerprint64(schema);
    SpecificData model = SpecificData.getForClass(type);
    encoder = new BinaryMessageEncoder<>(model, schema);
    decoder = new BinaryMessageDecoder<>(model, schema, OlderSchemas.of(schema.getName()));
    laterVersions = new LaterRecords<>(schema, later);
    name = schema.getName();
  }

  /** Codec for sessions. */
  public static RecordCodec<Session> sessions() {
    return sessions(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<Session> sessions(WriterSchemas later) {
    return new RecordCodec<>(Session.class, Session.getClassSchema(), later);
  }

  /** Codec for call stacks. */
  public static RecordCodec<CallStack> callStacks() {
    return callStacks(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<CallStack> callStacks(WriterSchemas later) {
    return new RecordCodec<>(CallStack.class, CallStack.getClassSchema(), later);
  }

  /** Codec for per-stack states. */
  public static RecordCodec<StackState> stackStates() {
    return stackStates(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<StackState> stackStates(WriterSchemas later) {
    return new RecordCodec<>(StackState.class, StackState.getClassSchema(), later);
  }

  /** Codec for leak reports. */
  public static RecordCodec<LeakReport> leakReports() {
    return leakReports(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<LeakReport> leakReports(WriterSchemas later) {
    return new RecordCodec<>(LeakReport.class, LeakReport.getClassSchema(), later);
  }

  /** Codec for the statements of lanes. */
  public static RecordCodec<LaneTick> laneTicks() {
    return laneTicks(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<LaneTick> laneTicks(WriterSchemas later) {
    return new RecordCodec<>(LaneTick.class, LaneTick.getClassSchema(), later);
  }

  /** Codec for the merge state of incarnations. */
  public static RecordCodec<MergeState> mergeStates() {
    return mergeStates(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<MergeState> mergeStates(WriterSchemas later) {
    return new RecordCodec<>(MergeState.class, MergeState.getClassSchema(), later);
  }

  /** Codec for the merge state of stacks. */
  public static RecordCodec<StackMerge> stackMerges() {
    return stackMerges(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<StackMerge> stackMerges(WriterSchemas later) {
    return new RecordCodec<>(StackMerge.class, StackMerge.getClassSchema(), later);
  }

  /** Codec for what tracers state. */
  public static RecordCodec<TraceStatement> traceStatements() {
    return traceStatements(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<TraceStatement> traceStatements(WriterSchemas later) {
    Schema schema = TraceStatement.getClassSchema();
    return new RecordCodec<>(TraceStatement.class, schema, later, schema);
  }

  /** Codec for the windows of traces. */
  public static RecordCodec<TraceWindow> traceWindows() {
    return traceWindows(WriterSchemas.NONE);
  }

  /** The same, which also reads what later versions wrote. */
  public static RecordCodec<TraceWindow> traceWindows(WriterSchemas later) {
    return new RecordCodec<>(TraceWindow.class, TraceWindow.getClassSchema(), later);
  }

  /** Encodes with header. */
  public byte[] encode(T record) {
    try {
      java.nio.ByteBuffer bytes = encoder.encode(record);
      byte[] array = new byte[bytes.remaining()];
      bytes.get(array);
      return array;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Decodes a value with header.
   *
   * @throws MalformedBatchException for anything that is no such record
   */
  public T decode(byte[] message) throws MalformedBatchException {
    if (message == null) {
      throw new MalformedBatchException("no " + name + ": null value");
    }
    try {
      if (untrusted != null) {
        stepOver(message);
      }
      return decoder.decode(message);
    } catch (MissingSchemaException e) {
      return laterVersions.decode(message);
    } catch (IOException | RuntimeException e) { // Avro has many for bytes that are no such record
      throw new MalformedBatchException("no " + name + ": " + e.getMessage(), e);
    }
  }

  /** What it says of itself is within its bytes, if it is of this version. */
  private void stepOver(byte[] message) throws MalformedBatchException {
    int head = EventBatchCodec.headerLength();
    if (message.length >= head && EventBatchCodec.fingerprint(message) == fingerprint) {
      ByteCursor in = new ByteCursor();
      in.reset(message, head, message.length - head);
      AvroSkipper.skip(untrusted, in);
    }
  }
}
