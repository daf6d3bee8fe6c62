package io.unfreed.collector.capture;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.CallStackWriter;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.GeneratedClasses;
import io.unfreed.schemas.wire.TraceRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Writes a capture file. Blocks go to the file as they fill, so a crash leaves a file whose whole
 * blocks are readable. The same recording gives the same bytes: the sync marker is a hash of the
 * first record. Used by one thread; compression runs on another.
 */
public final class CaptureWriter implements RecordingSink {
  static {
    GeneratedClasses.trust();
  }

  private final Path file;
  private final OutputStream out;
  private final ByteArrayOutputStream scratch = new ByteArrayOutputStream();
  private final SpecificDatumWriter<Session> sessions =
      new SpecificDatumWriter<>(Session.getClassSchema());
  private final CallStackWriter stacks = new CallStackWriter();
  private final SpecificDatumWriter<TraceStatement> statements =
      new SpecificDatumWriter<>(TraceStatement.getClassSchema());
  private BinaryEncoder encoder;
  private BlockPipe pipe;
  private BlockBuffer block;
  private boolean closed;

  /** As the first session says: a file holds one or the other. */
  private boolean isTrace;

  private CaptureWriter(Path file, OutputStream out) {
    this.file = file;
    this.out = out;
  }

  /**
   * Creates the file.
   *
   * @param force overwrite a file that exists, as soon as there is something to write
   * @throws RecordingException when it exists and {@code force} is false, or cannot be created
   */
  public static CaptureWriter create(Path file, boolean force) throws RecordingException {
    return create(file, force, file);
  }

  /** Creates the file; failures name another one, which it stands for. */
  public static CaptureWriter create(Path file, boolean force, Path named)
      throws RecordingException {
    try {
      if (Files.isDirectory(file)) {
        throw new RecordingException(named + ": cannot create the capture: it is a directory");
      }
      return new CaptureWriter(named, open(file, force));
    } catch (FileAlreadyExistsException e) {
      throw new RecordingException(named + ": not overwritten: " + RecordingException.reason(e));
    } catch (IOException e) {
      throw RecordingException.of(named, "cannot create the capture", e);
    }
  }

  private static OutputStream open(Path file, boolean force) throws IOException {
    if (!force) {
      return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
    return Files.isRegularFile(file) ? new OverwritingStream(file) : Files.newOutputStream(file);
  }

  @Override
  public void session(Session session) throws IOException {
    scratch.reset();
    encoder = EncoderFactory.get().directBinaryEncoder(scratch, encoder);
    sessions.write(session, encoder);
    if (pipe == null) {
      isTrace = TraceRules.tracer(session).isPresent();
    }
    append(CaptureFormat.SESSION);
  }

  @Override
  public void stack(CallStack stack) throws IOException {
    scratch.reset();
    encoder = EncoderFactory.get().directBinaryEncoder(scratch, encoder);
    stacks.write(stack, encoder);
    append(CaptureFormat.CALL_STACK);
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    checkIs(false);
    append(CaptureFormat.EVENT_BATCH, batch.body());
  }

  @Override
  public void trace(TraceStatement statement) throws IOException {
    checkIs(true);
    scratch.reset();
    encoder = EncoderFactory.get().directBinaryEncoder(scratch, encoder);
    statements.write(statement, encoder);
    append(CaptureFormat.TRACE_STATEMENT);
  }

  /**
   * Hands everything given so far to the operating system; it survives this process, not a power
   * cut.
   */
  @Override
  public void flush() throws IOException {
    try {
      if (block != null) {
        endBlock();
        pipe.drain();
      }
    } catch (IOException e) {
      throw RecordingException.of(file, "cannot write the capture", e);
    }
  }

  /** Writes what is left and closes the file; a second call does nothing. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (out) {
      if (pipe == null) {
        begin(new byte[0]);
      }
      try {
        endBlock();
      } finally {
        pipe.stop();
      }
    } catch (IOException e) {
      throw RecordingException.of(file, "cannot write the capture", e);
    }
  }

  /** Nothing was recorded: what was there before stays. */
  public void abandon() throws IOException {
    closed = true;
    out.close();
  }

  private void checkIs(boolean trace) {
    if (isTrace != trace) {
      throw new IllegalStateException(file + ": events and a trace in one capture");
    }
  }

  private void append(int branch) throws IOException {
    append(branch, scratch.toByteArray());
  }

  private void append(int branch, byte[] body) throws IOException {
    try {
      if (pipe == null) {
        begin(body);
      }
      if (block == null) {
        block = pipe.take();
        block.clear();
      }
      block.addRecord(branch, body, body.length);
      if (block.length() >= CaptureFormat.BLOCK_BYTES) {
        endBlock();
      }
    } catch (IOException e) {
      throw RecordingException.of(file, "cannot write the capture", e);
    }
  }

  private void endBlock() throws IOException {
    if (block != null) {
      BlockBuffer filled = block;
      block = null;
      pipe.give(filled);
    }
  }

  private void begin(byte[] firstRecord) throws IOException {
    byte[] sync = syncMarker(firstRecord);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("avro.schema", CaptureFormat.schemaJson(isTrace));
    metadata.put("avro.codec", "zstandard");
    BlockBuffer head = new BlockBuffer(16 * 1024);
    byte[] magic = CaptureFormat.magic();
    head.put(magic, 0, magic.length);
    head.putLong(metadata.size());
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      putText(head, entry.getKey());
      putText(head, entry.getValue());
    }
    head.putLong(0);
    head.put(sync, 0, sync.length);
    out.write(head.bytes(), 0, head.length());
    pipe = new BlockPipe(out, sync);
  }

  private static void putText(BlockBuffer head, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    head.putLong(utf8.length);
    head.put(utf8, 0, utf8.length);
  }

  private static byte[] syncMarker(byte[] firstRecord) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update("unfreed capture sync marker".getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(sha256.digest(firstRecord), CaptureFormat.SYNC_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
