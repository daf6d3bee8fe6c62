package io.unfreed.collector.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureWriterTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("sample.unfreed");
  }

  @Test
  void shouldGiveBackEveryRecordInOrderWhenRead() throws Exception {
    try (CaptureWriter writer = CaptureWriter.create(file, false)) {
      Samples.write(writer, 3, false);
    }

    Contents contents = Contents.of(file);

    assertThat(contents.damage()).isNull();
    assertThat(contents.sessions()).containsExactly(Samples.session(), Samples.ended());
    assertThat(contents.stacks()).containsExactly(Samples.stack());
    assertThat(contents.batches())
        .containsExactlyElementsOf(Samples.batches(3).stream().map(b -> b.body()).toList());
  }

  @Test
  void shouldBeReadableWhenOpenedWithAvrosOwnReader() throws Exception {
    try (CaptureWriter writer = CaptureWriter.create(file, false)) {
      Samples.write(writer, 3, true);
    }

    List<String> names = new ArrayList<>();
    List<Object> kinds = new ArrayList<>();
    try (var avro = new DataFileReader<GenericRecord>(file.toFile(), new GenericDatumReader<>())) {
      for (GenericRecord record : avro) {
        names.add(record.getSchema().getName());
        if (record.hasField("kinds")) {
          kinds.add(record.get("kinds").toString());
        }
      }
    }

    assertThat(names)
        .containsExactly(
            "Session", "CallStack", "EventBatch", "EventBatch", "EventBatch", "Session");
    assertThat(kinds).hasSize(3).allMatch(k -> k.equals("[2, 5, 3, 7]"));
  }

  @Test
  void shouldWriteTheSameBytesWhenTheRecordingIsTheSame() throws Exception {
    Path second = directory.resolve("second");
    for (Path path : List.of(file, second)) {
      try (CaptureWriter writer = CaptureWriter.create(path, false)) {
        Samples.write(writer, 100, false);
      }
    }

    assertThat(file).hasSameBinaryContentAs(second);
  }

  @Test
  void shouldShowEverythingToAReaderWhenFlushed() throws Exception {
    try (CaptureWriter writer = CaptureWriter.create(file, false)) {
      writer.session(Samples.session());
      writer.stack(Samples.stack());
      writer.batch(Samples.batches(1).getFirst());
      writer.flush();

      Contents contents = Contents.of(file);

      assertThat(contents.records()).isEqualTo(3);
      assertThat(contents.damage().unusableBytes()).isZero();
      assertThat(contents.damage().line()).contains("session sample has no end");
    }
  }

  @Test
  void shouldRefuseToOverwriteWhenNotForced() throws Exception {
    Files.writeString(file, "precious");

    assertThatThrownBy(() -> CaptureWriter.create(file, false))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("not overwritten")
        .hasMessageContaining("--force");
    assertThat(file).hasContent("precious");
    CaptureWriter.create(file, true).close();
    assertThat(Contents.of(file).records()).isZero();
  }

  @Test
  void shouldKeepWhatWasThereUntilThereIsSomethingElse() throws Exception {
    Files.writeString(file, "precious".repeat(10_000));

    CaptureWriter.create(file, true).abandon();
    assertThat(Files.size(file)).isEqualTo(80_000);
    try (CaptureWriter writer = CaptureWriter.create(file, true)) {
      Samples.write(writer, 3, true);
    }
    assertThat(Contents.of(file).records()).isEqualTo(6);
    assertThat(Contents.of(file).damage()).isNull();
  }

  @Test
  void shouldSayWhatIsWrongWhenTheFileCannotBeCreated() {
    assertThatThrownBy(() -> CaptureWriter.create(directory, true))
        .isInstanceOf(RecordingException.class)
        .hasMessage(directory + ": cannot create the capture: it is a directory");
    Path nowhere = directory.resolve("no").resolve("where");
    assertThatThrownBy(() -> CaptureWriter.create(nowhere, false))
        .isInstanceOf(RecordingException.class)
        .hasMessage(nowhere + ": cannot create the capture: no such file or directory");
  }

  @Test
  void shouldSayThatTheDiskIsFullWhenItIs() throws Exception {
    Path full = Path.of("/dev/full");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.isWritable(full), "no /dev/full here");

    assertThatThrownBy(
            () -> {
              try (CaptureWriter writer = CaptureWriter.create(full, true)) {
                Samples.write(writer, 3, true);
              }
            })
        .isInstanceOf(RecordingException.class)
        .hasMessageStartingWith("/dev/full: cannot write the capture: No space left on device");
  }
}
