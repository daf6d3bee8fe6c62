package io.unfreed.collector.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureDamageTest {
  private static final int BATCHES = 4;
  private static final int LAST_BLOCK_RECORDS = 2;

  @TempDir Path directory;
  private Path file;
  private byte[] whole;
  private Contents wholeContents;
  private int headerBytes;

  @BeforeEach
  void writeSample() throws Exception {
    file = directory.resolve("sample.unfreed");
    try (CaptureWriter writer = CaptureWriter.create(file, true)) {
      Samples.write(writer, BATCHES, true);
    }
    whole = Files.readAllBytes(file);
    wholeContents = Contents.of(file);
    CaptureWriter.create(file, true).close();
    headerBytes = (int) Files.size(file);
  }

  @Test
  void shouldGiveEveryWholeBlockAndNameTheDamageWhenCutAnywhere() throws Exception {
    int records = 0;
    for (int length = 1; length < whole.length; length += length < headerBytes - 40 ? 97 : 1) {
      Files.write(file, Arrays.copyOf(whole, length));
      if (length < headerBytes) {
        assertThatThrownBy(() -> Contents.of(file))
            .isInstanceOf(RecordingException.class)
            .hasMessageStartingWith(file.toString())
            .hasMessageContaining("nothing was read");
        continue;
      }
      Contents contents = Contents.of(file);
      assertThat(contents.records()).as("cut at %d", length).isGreaterThanOrEqualTo(records);
      records = contents.records();
      assertThat(contents.damage()).as("cut at %d", length).isNotNull();
      assertThat(contents.damage().line()).doesNotContain("\n").contains("kept");
      assertThat(contents.damage().offset() + contents.damage().unusableBytes()).isEqualTo(length);
    }
    assertThat(records).isEqualTo(wholeContents.records() - LAST_BLOCK_RECORDS);
  }

  @Test
  void shouldLoseAtMostTwoBlocksAndSaySoWhenAByteIsFlipped() throws Exception {
    int harmless = 0;
    for (int at = headerBytes; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << (at % 8));
      Files.write(file, flipped);

      Contents contents = Contents.of(file);

      if (contents.damage() == null) {
        assertThat(contents.isSameAs(wholeContents)).as("flipped at %d", at).isTrue();
        harmless++;
      }
      assertThat(contents.records())
          .as("flipped at %d", at)
          .isBetween(wholeContents.records() - 4, wholeContents.records());
    }
    assertThat(harmless).as("flips of a zstd frame's layout only").isLessThan(3 * BATCHES);
  }

  @Test
  void shouldNeverFailOtherwiseWhenAByteOfTheHeaderIsFlipped() throws Exception {
    for (int at = 0; at < headerBytes; at += 1 + at % 13) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << (at % 8));
      Files.write(file, flipped);
      try {
        Contents contents = Contents.of(file);
        assertThat(contents.damage() != null || contents.records() == wholeContents.records())
            .as("flipped at %d", at)
            .isTrue();
      } catch (RecordingException e) {
        assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
      }
    }
  }

  @Test
  void shouldDeliverLaterBlocksWhenOneInTheMiddleIsOverwritten() throws Exception {
    byte[] damaged = whole.clone();
    int middle = headerBytes + (whole.length - headerBytes) / 2;
    Arrays.fill(damaged, middle, middle + 3, (byte) 0x55);
    Files.write(file, damaged);

    Contents contents = Contents.of(file);

    assertThat(contents.sessions()).containsExactlyElementsOf(wholeContents.sessions());
    assertThat(contents.batches().size()).isBetween(BATCHES - 2, BATCHES - 1);
    assertThat(contents.damage().unusableBytes()).isPositive();
    assertThat(contents.damage().offset()).isBetween((long) headerBytes, (long) middle);
  }

  @Test
  void shouldNotAllocateWhatACorruptSizeSaysWhenABlockClaimsToBeHuge() throws Exception {
    byte[] huge = {2, (byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F, 1, 2, 3};
    byte[] bytes = Arrays.copyOf(whole, headerBytes + huge.length);
    System.arraycopy(huge, 0, bytes, headerBytes, huge.length);
    Files.write(file, bytes);

    Contents contents = Contents.of(file);

    assertThat(contents.records()).isZero();
    assertThat(contents.damage().offset()).isEqualTo(headerBytes);
    assertThat(contents.damage().unusableBytes()).isEqualTo(huge.length);
  }

  @Test
  void shouldSayWhatIsWrongWhenThereIsNoCapture() throws Exception {
    assertThatThrownBy(() -> CaptureReader.open(directory))
        .isInstanceOf(RecordingException.class)
        .hasMessage(directory + ": cannot be read: it is a directory");
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> CaptureReader.open(missing))
        .isInstanceOf(RecordingException.class)
        .hasMessage(missing + ": cannot be read: no such file or directory");
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> CaptureReader.open(file))
        .isInstanceOf(RecordingException.class)
        .hasMessage(file + ": the file is empty");
    Files.writeString(file, "hello");
    assertThatThrownBy(() -> CaptureReader.open(file))
        .isInstanceOf(RecordingException.class)
        .hasMessageStartingWith(file + ": not a capture");
  }

  @Test
  void shouldSayPermissionDeniedWhenItIs() {
    Path secret = Path.of("/sys/bus/cpu/drivers_probe");
    assumeThat(secret).as("a file that not even root may read").exists();

    assertThatThrownBy(() -> CaptureReader.open(secret))
        .isInstanceOf(RecordingException.class)
        .hasMessage(secret + ": cannot be read: permission denied");
  }
}
