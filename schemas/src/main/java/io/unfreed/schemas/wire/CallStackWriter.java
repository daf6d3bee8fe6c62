package io.unfreed.schemas.wire;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.IdentityHashMap;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Writes call stacks in Avro's binary encoding, byte for byte as its own writer does. A frame that
 * many stacks have in common is encoded once: deep stacks of one program differ in few. Frames must
 * not change behind that. One thread.
 */
public final class CallStackWriter {
  static {
    GeneratedClasses.trust();
  }

  /** Then all are forgotten: what has no frames in common would be kept for nothing. */
  private static final int MOST_FRAMES = 1 << 16;

  private final SpecificDatumWriter<Frame> frames =
      new SpecificDatumWriter<>(Frame.getClassSchema());
  private final IdentityHashMap<Frame, byte[]> known = new IdentityHashMap<>();
  private final ByteArrayOutputStream scratch = new ByteArrayOutputStream();
  private BinaryEncoder encoder;

  /** Without a header. */
  public void write(CallStack stack, Encoder to) throws IOException {
    to.writeFixed(stack.getStackId().bytes());
    to.writeEnum(stack.getQuality().ordinal());
    to.writeArrayStart();
    to.setItemCount(stack.getFrames().size());
    for (Frame frame : stack.getFrames()) {
      to.startItem();
      to.writeFixed(encoded(frame));
    }
    to.writeArrayEnd();
  }

  private byte[] encoded(Frame frame) throws IOException {
    byte[] bytes = known.get(frame);
    if (bytes == null) {
      scratch.reset();
      encoder = EncoderFactory.get().directBinaryEncoder(scratch, encoder);
      frames.write(frame, encoder);
      bytes = scratch.toByteArray();
      if (known.size() == MOST_FRAMES) {
        known.clear();
      }
      known.put(frame, bytes);
    }
    return bytes;
  }
}
