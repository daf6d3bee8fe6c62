package io.unfreed.collector.capture;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.AvroSkipper;
import io.unfreed.schemas.wire.BatchConversion;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.GeneratedClasses;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.TraceRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads a capture file record by record, with memory independent of its length. Every whole block
 * is delivered, whatever stands before it; {@link #damage} tells at the end what was not. Event
 * batches are handed out as bytes, their columns not decoded. Not thread-safe; blocks are unpacked
 * ahead on another thread.
 *
 * <pre>{@code
 * try (CaptureReader in = CaptureReader.open(file)) {
 *   for (Kind kind = in.next(); kind != Kind.END; kind = in.next()) { ... }
 *   Damage damage = in.damage();
 * }
 * }</pre>
 */
public final class CaptureReader implements AutoCloseable {
  /** What {@link #next} found. */
  public enum Kind {
    /** {@link #session} is new. */
    SESSION,
    /** {@link #stack} is new. */
    STACK,
    /** {@link #header}, {@link #bytes}, {@link #offset} and {@link #length} are new. */
    BATCH,
    /** {@link #statement} is new. */
    TRACE,
    /** Nothing follows. */
    END
  }

  static {
    GeneratedClasses.trust();
  }

  private final Path file;
  private final InputStream in;
  private final CaptureHeader captureHeader;
  private final BlockReader blockReader;
  private final BlockAhead blocks;
  private final ByteCursor cursor = new ByteCursor();
  private final SpecificDatumReader<Session> sessions;
  private final SpecificDatumReader<CallStack> stacks;
  private final SpecificDatumReader<TraceStatement> statements;
  private final TreeSet<String> openSessions = new TreeSet<>();
  private final DamageTally records = new DamageTally();
  private BinaryDecoder decoder;

  private Block block;
  private long recordsLeft;
  private long blockCount;
  private long sessionCount;
  private long stackCount;
  private long batchCount;
  private long statementCount;
  private Damage damage;

  private Session session;
  private CallStack stack;
  private TraceStatement statement;
  private BatchHeader header;
  private byte[] bytes;
  private int offset;
  private int length;

  private CaptureReader(Path file, InputStream in, long from) throws RecordingException {
    this.file = file;
    this.in = in;
    ByteWindow window = new ByteWindow(in);
    captureHeader = CaptureHeader.read(file, window);
    sessions = reader(CaptureFormat.SESSION, Session.getClassSchema());
    stacks = reader(CaptureFormat.CALL_STACK, CallStack.getClassSchema());
    statements =
        captureHeader.isTrace()
            ? reader(CaptureFormat.TRACE_STATEMENT, TraceStatement.getClassSchema())
            : null;
    window.goTo(from);
    blockReader = new BlockReader(window, captureHeader);
    blocks = new BlockAhead(blockReader);
  }

  /**
   * Opens a capture, plain or inside gzip or zstd.
   *
   * @throws RecordingException when it cannot be read or is no capture
   */
  public static CaptureReader open(Path file) throws RecordingException {
    return openAt(file, 0);
  }

  /**
   * The same without what lies in front of a block.
   *
   * @param offset of the block, as {@link RecordingSink#place} was told it; 0 for all of them
   */
  public static CaptureReader openAt(Path file, long offset) throws RecordingException {
    InputStream in = PackedFile.open(file);
    try {
      return new CaptureReader(file, in, offset);
    } catch (RecordingException e) {
      try {
        in.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Whether it holds what a tracer stated, and no event batches. */
  public boolean isTrace() {
    return captureHeader.isTrace();
  }

  /** Steps to the next record. */
  public Kind next() {
    for (; ; ) {
      while (block == null || cursor.remaining() == 0) {
        if (!nextBlock()) {
          return Kind.END;
        }
      }
      recordsLeft--;
      try {
        Kind kind = readRecord();
        if (kind != null) {
          return kind;
        }
      } catch (MalformedBatchException
          | AvroRuntimeException
          | UnsupportedOperationException
          | IOException e) {
        String what = "a record in a block is malformed: " + e.getMessage();
        records.add(block.offset(), cursor.remaining(), what);
        recordsLeft = 0;
        cursor.reset(block.bytes(), 0, 0);
      }
    }
  }

  /** The last session read. */
  public Session session() {
    return session;
  }

  /** The last call stack read. */
  public CallStack stack() {
    return stack;
  }

  /** The last statement of a tracer read. */
  public TraceStatement statement() {
    return statement;
  }

  /** Header of the last batch read. */
  public BatchHeader header() {
    return header;
  }

  /** Array that holds the body of the last batch read, until the next call of {@link #next}. */
  public byte[] bytes() {
    return bytes;
  }

  /** Where the body begins in {@link #bytes}. */
  public int offset() {
    return offset;
  }

  /** Length of the body in bytes. */
  public int length() {
    return length;
  }

  /** The last batch as a copy of its own. */
  public EncodedBatch batch() throws MalformedBatchException {
    byte[] body = Arrays.copyOfRange(bytes(), offset, offset + length);
    return new EncodedBatch(
        header.key(), header.sequence(), BatchEvents.count(bytes(), offset, length), body);
  }

  /** What of the file could not be used; null for a whole file. Known once nothing follows. */
  public Damage damage() {
    return damage;
  }

  /** Whole blocks read so far. */
  public long blocks() {
    return blockCount;
  }

  /** Gives every record that follows to a sink, in order; does not close the sink. */
  public void copyTo(RecordingSink sink) throws IOException {
    copyTo(sink, () -> false);
  }

  /** The same until it is enough, which is asked before each block. */
  public void copyTo(RecordingSink sink, BooleanSupplier isEnough) throws IOException {
    long placed = -1;
    for (Kind kind = next(); kind != Kind.END; kind = next()) {
      if (block.offset() != placed) {
        if (isEnough.getAsBoolean()) {
          return;
        }
        placed = block.offset();
        sink.place(placed);
      }
      switch (kind) {
        case SESSION -> sink.session(session);
        case STACK -> sink.stack(stack);
        case BATCH -> {
          try {
            sink.batch(batch());
          } catch (MalformedBatchException e) {
            records.add(block.offset(), length, "a batch is malformed: " + e.getMessage());
          }
        }
        case TRACE -> sink.trace(statement);
        case END -> {}
      }
    }
  }

  @Override
  public void close() throws IOException {
    blocks.close();
    in.close();
  }

  private boolean nextBlock() {
    if (recordsLeft != 0) {
      String what =
          "a block says that it has %d records and has %d"
              .formatted(block.records(), block.records() - recordsLeft);
      records.add(block.offset(), 0, what);
    }
    Block next = blocks.next(block);
    if (next == null) {
      block = null;
      recordsLeft = 0;
      if (damage == null) {
        damage = judge();
      }
      return false;
    }
    block = next;
    blockCount++;
    recordsLeft = block.records();
    cursor.reset(block.bytes(), 0, block.length());
    return true;
  }

  /** Null for a record of a kind that a later version added: it is stepped over. */
  private Kind readRecord() throws MalformedBatchException, IOException {
    int branch = cursor.readInt();
    int from = cursor.position();
    switch (branch) {
      case CaptureFormat.SESSION -> {
        session = decode(sessions, branch, from);
        sessionCount++;
        if (session.getEnd() == null) {
          openSessions.add(session.getSessionId());
        } else {
          openSessions.remove(session.getSessionId());
        }
        return Kind.SESSION;
      }
      case CaptureFormat.CALL_STACK -> {
        stack = decode(stacks, branch, from);
        stackCount++;
        return Kind.STACK;
      }
      case CaptureFormat.EVENT_BATCH -> {
        if (statements != null) {
          statement = decode(statements, branch, from);
          TraceRules.check(statement);
          statementCount++;
          return Kind.TRACE;
        }
        if (captureHeader.conversion() != null) {
          readOther(captureHeader.conversion());
        } else {
          header = EventBatchCodec.skip(cursor);
          bytes = block.bytes();
          offset = from;
          length = cursor.position() - from;
        }
        batchCount++;
        return Kind.BATCH;
      }
      default -> {
        if (branch < 0 || branch >= captureHeader.branches().size()) {
          throw new MalformedBatchException("union branch " + branch);
        }
        AvroSkipper.skip(captureHeader.branches().get(branch), cursor);
        return null;
      }
    }
  }

  private void readOther(BatchConversion conversion) throws MalformedBatchException {
    bytes = conversion.toCurrent(cursor);
    offset = 0;
    length = bytes.length;
    ByteCursor current = new ByteCursor();
    current.reset(bytes, 0, length);
    header = EventBatchCodec.skip(current);
  }

  private <T extends SpecificRecord> T decode(SpecificDatumReader<T> reader, int branch, int from)
      throws MalformedBatchException, IOException {
    AvroSkipper.skip(captureHeader.branches().get(branch), cursor);
    decoder =
        DecoderFactory.get().binaryDecoder(block.bytes(), from, cursor.position() - from, decoder);
    return reader.read(null, decoder);
  }

  private <T extends SpecificRecord> SpecificDatumReader<T> reader(int branch, Schema ours) {
    return new SpecificDatumReader<>(captureHeader.branches().get(branch), ours);
  }

  /** A whole file has whole blocks only, and every session in it has its end. */
  private Damage judge() {
    String kept =
        "%d sessions, %d stacks and %d %s in %d whole blocks"
            .formatted(
                sessionCount,
                stackCount,
                statementCount > 0 ? statementCount : batchCount,
                statementCount > 0 ? "statements of a trace" : "event batches",
                blockCount);
    DamageTally tally = blockReader.tally();
    tally.addAll(records);
    Damage found = tally.damage(file, kept, blockCount == 0);
    if (found != null) {
      return found;
    }
    if (sessionCount == 0 || !openSessions.isEmpty()) {
      String what =
          sessionCount == 0
              ? "there is no session in it"
              : "session " + openSessions.first() + " has no end: cut off, or not closed yet";
      return new Damage(file, blockReader.offset(), 0, what, kept, blockCount == 0);
    }
    return null;
  }
}
