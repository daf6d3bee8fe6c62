package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.StackHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

class CallStackWriterTest {
  private interface Writing {
    void to(BinaryEncoder encoder) throws IOException;
  }

  @Test
  void shouldWriteWhatAvroWritesWhateverTheFrames() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      frames.add(frame(random));
    }
    CallStackWriter writer = new CallStackWriter();
    SpecificDatumWriter<CallStack> avro = new SpecificDatumWriter<>(CallStack.getClassSchema());
    for (int i = 0; i < 500; i++) {
      CallStack stack = stack(random, frames);
      byte[] ours = bytes(encoder -> writer.write(stack, encoder));
      assertThat(ours).as("seed %d", seed).isEqualTo(bytes(e -> avro.write(stack, e)));
    }
  }

  private static CallStack stack(Random random, List<Frame> frames) {
    byte[] id = new byte[16];
    random.nextBytes(id);
    List<Frame> some = new ArrayList<>();
    for (int i = random.nextInt(80); i > 0; i--) {
      some.add(frames.get(random.nextInt(frames.size())));
    }
    Quality quality = Quality.values()[random.nextInt(Quality.values().length)];
    return new CallStack(new StackHash(id), quality, some);
  }

  private static Frame frame(Random random) {
    return Frame.newBuilder()
        .setSymbol(text(random))
        .setOffset(random.nextBoolean() ? null : random.nextLong())
        .setModule(text(random))
        .setBuildId(text(random))
        .setAddress(random.nextBoolean() ? null : random.nextLong())
        .setFile(text(random))
        .setLine(random.nextBoolean() ? null : random.nextInt())
        .setInlined(random.nextBoolean())
        .build();
  }

  private static String text(Random random) {
    return random.nextInt(3) == 0
        ? null
        : "ä€𝄞frame".substring(0, random.nextInt(3)) + random.nextInt();
  }

  private static byte[] bytes(Writing writing) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    writing.to(encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
