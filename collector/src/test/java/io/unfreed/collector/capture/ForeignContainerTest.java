package io.unfreed.collector.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.wire.EventCursor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers that another Avro writer made of the same records: arrays without byte counts. */
class ForeignContainerTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"null", "deflate", "zstandard"})
  void shouldReadTheSameEventsWhenAvrosOwnWriterWroteThem(String codec) throws Exception {
    Path ours = directory.resolve("ours");
    try (CaptureWriter writer = CaptureWriter.create(ours, false)) {
      Samples.write(writer, 3, false);
    }
    Path foreign = directory.resolve("foreign");
    rewrite(ours, foreign, CodecFactory.fromString(codec));

    Contents expected = Contents.of(ours);
    Contents contents = Contents.of(foreign);

    assertThat(contents.damage()).isNull();
    assertThat(contents.sessions()).isEqualTo(expected.sessions());
    assertThat(contents.stacks()).isEqualTo(expected.stacks());
    assertThat(contents.batches()).hasSameSizeAs(expected.batches());
    for (int i = 0; i < expected.batches().size(); i++) {
      assertThat(contents.batches().get(i)).isNotEqualTo(expected.batches().get(i));
      assertThat(events(contents.batches().get(i))).isEqualTo(events(expected.batches().get(i)));
    }
    try (CaptureReader in = CaptureReader.open(foreign)) {
      while (in.next() != CaptureReader.Kind.BATCH) {}
      assertThat(in.batch().eventCount()).isEqualTo(4);
    }
  }

  @Test
  void shouldReadACaptureWhenItIsInsideGzip() throws Exception {
    Path packed = directory.resolve("packed");
    Path plain = directory.resolve("plain");
    try (CaptureWriter writer = CaptureWriter.create(plain, false)) {
      Samples.write(writer, 3, false);
    }
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(plain, out);
    }

    assertThat(Contents.of(packed).records()).isEqualTo(Contents.of(plain).records());
  }

  @Test
  void shouldRefuseWhenTheSchemaIsAnother() throws Exception {
    Path file = directory.resolve("other");
    Schema schema = Schema.create(Schema.Type.STRING);
    try (var writer = new DataFileWriter<CharSequence>(new GenericDatumWriter<>(schema))) {
      writer.create(schema, file.toFile()).append("hello");
    }

    assertThatThrownBy(() -> CaptureReader.open(file))
        .isInstanceOf(RecordingException.class)
        .hasMessage(
            file + ": an Avro file, but not a capture: its schema is another; nothing was read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"avro.schema", "avro.codec"})
  void shouldSayItBrieflyWhenADamagedHeaderIsLong(String key) throws Exception {
    Path file = directory.resolve("long");
    Schema schema = Schema.create(Schema.Type.STRING);
    String name = "x".repeat(5000);
    try (var writer = new DataFileWriter<CharSequence>(new GenericDatumWriter<>(schema))) {
      writer.setMeta("unfreed.note", "{\"name\":\"" + name + "\"}");
      writer.create(schema, file.toFile()).append("hello");
    }
    // The note takes the key's place, whose own name is made another of the same length.
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String damaged =
        text.replace(key, "z".repeat(key.length()))
            .replace((char) 24 + "unfreed.note", (char) (2 * key.length()) + key);
    Files.write(file, damaged.getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> CaptureReader.open(file))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("xxx")
        .hasMessageEndingWith("nothing was read")
        .extracting(e -> e.getMessage().length())
        .satisfies(length -> assertThat(length).isLessThan(file.toString().length() + 300));
  }

  @Test
  void shouldReadWhatItKnowsWhenTheSessionIsOfANewerVersion() throws Exception {
    Path file = directory.resolve("newer");
    writeNewer(
        file,
        "SHIM\",\"OTHER\"",
        "SHIM\",\"TELEPATHY\",\"OTHER\"",
        "{\"name\":\"host\"",
        "{\"name\":\"mood\",\"type\":\"string\",\"default\":\"\"},{\"name\":\"host\"");

    Contents contents = Contents.of(file);

    assertThat(contents.damage()).isNull();
    assertThat(contents.sessions()).hasSize(2);
    assertThat(contents.sessions().getFirst().getSource()).isEqualTo(Source.OTHER);
    assertThat(contents.sessions().getFirst().getCommand()).isEqualTo("./sample");
    assertThat(contents.batches()).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(events(contents.batches().get(i)))
          .isEqualTo(events(Samples.batches(3).get(i).body()));
    }
  }

  @Test
  void shouldReadEveryEventWhenTheEventBatchHasFieldsOfANewerVersion() throws Exception {
    Path file = directory.resolve("newer");
    writeNewer(
        file,
        "{\"name\":\"marker\"",
        "{\"name\":\"weather\",\"type\":\"string\",\"default\":\"fine\"},{\"name\":\"marker\"",
        "{\"name\":\"startEpochNanos\"",
        "{\"name\":\"mood\",\"type\":[\"null\",\"long\"],\"default\":null},"
            + "{\"name\":\"startEpochNanos\"",
        "{\"name\":\"releaseRefs\"",
        "{\"name\":\"hues\",\"type\":{\"type\":\"array\",\"items\":\"int\"},\"default\":[]},"
            + "{\"name\":\"releaseRefs\"");

    Contents contents = Contents.of(file);

    assertThat(contents.damage()).isNull();
    assertThat(contents.batches()).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(events(contents.batches().get(i)))
          .isEqualTo(events(Samples.batches(3).get(i).body()));
    }
    try (CaptureReader in = CaptureReader.open(file)) {
      while (in.next() != CaptureReader.Kind.BATCH) {}
      assertThat(in.header().key()).isEqualTo(Samples.batches(1).getFirst().key());
      assertThat(in.batch().eventCount()).isEqualTo(4);
    }
  }

  @Test
  void shouldStepOverRecordsWhenANewerVersionAddedTheirKind() throws Exception {
    Path ours = directory.resolve("ours");
    try (CaptureWriter writer = CaptureWriter.create(ours, false)) {
      Samples.write(writer, 3, false);
    }
    Schema note =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"Note\",\"namespace\":\"io.unfreed.schemas\","
                    + "\"fields\":[{\"name\":\"text\",\"type\":\"string\"}]}");
    List<Schema> kinds = new java.util.ArrayList<>(CaptureFormat.schema().getTypes());
    kinds.add(note);
    Schema newer = Schema.createUnion(kinds);
    Path file = directory.resolve("newer");
    GenericRecord said = new GenericData.Record(note);
    said.put("text", "a kind of record that is not known here");
    try (var in = new DataFileReader<GenericRecord>(ours.toFile(), new GenericDatumReader<>());
        var out = new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(newer))) {
      out.create(newer, file.toFile());
      for (GenericRecord record : in) {
        out.append(record);
        out.append(said);
      }
    }

    Contents contents = Contents.of(file);

    assertThat(contents.damage()).isNull();
    assertThat(contents.sessions()).isEqualTo(Contents.of(ours).sessions());
    assertThat(contents.stacks()).isEqualTo(Contents.of(ours).stacks());
    assertThat(contents.batches()).hasSize(3);
  }

  @Test
  void shouldRefuseInOneLineWhenAFieldOfTheEventBatchIsOfAnotherType() throws Exception {
    Path file = directory.resolve("newer");
    writeNewer(file, "\"laneCount\",\"type\":\"int\"", "\"laneCount\",\"type\":\"long\"");

    assertThatThrownBy(() -> CaptureReader.open(file))
        .isInstanceOf(RecordingException.class)
        .hasMessage(
            file
                + ": an Avro file, but not a capture of a version known here:"
                + " io.unfreed.schemas.EventBatch differs (its field laneCount is of another type),"
                + " a newer Unfreed may read it; nothing was read");
  }

  /** The sample recording as a made-up version would write it: texts of the schema replaced. */
  private void writeNewer(Path file, String... replacements) throws Exception {
    Path ours = directory.resolve("ours");
    try (CaptureWriter writer = CaptureWriter.create(ours, false)) {
      Samples.write(writer, 3, false);
    }
    String json = CaptureFormat.schemaJson(false);
    for (int i = 0; i < replacements.length; i += 2) {
      assertThat(json).contains(replacements[i]);
      json = json.replace(replacements[i], replacements[i + 1]);
    }
    Schema newer = new Schema.Parser().parse(json);
    GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>();
    reader.setExpected(newer);
    try (var in = new DataFileReader<GenericRecord>(ours.toFile(), reader);
        var out = new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(newer))) {
      out.setCodec(CodecFactory.fromString("zstandard")).create(newer, file.toFile());
      for (GenericRecord record : in) {
        Schema.Field source = record.getSchema().getField("source");
        if (source != null && source.schema().hasEnumSymbol("TELEPATHY")) {
          record.put("source", new GenericData.EnumSymbol(source.schema(), "TELEPATHY"));
        }
        out.append(record);
      }
    }
  }

  private static void rewrite(Path from, Path to, CodecFactory codec) throws Exception {
    try (var in = new DataFileReader<GenericRecord>(from.toFile(), new GenericDatumReader<>());
        var out = new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(in.getSchema()))) {
      out.setCodec(codec).create(in.getSchema(), to.toFile());
      for (GenericRecord record : in) {
        out.append(record);
      }
    }
  }

  private static List<String> events(byte[] body) throws Exception {
    EventCursor cursor = new EventCursor();
    cursor.reset(body, 0, body.length);
    var schema = EventBatch.getClassSchema();
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(body, null);
    GenericRecord generic = new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
    var out = new java.util.ArrayList<String>();
    out.add(generic.toString());
    while (cursor.next()) {
      out.add(
          cursor.code()
              + " "
              + cursor.timeNanos()
              + " "
              + cursor.thread()
              + " "
              + cursor.address());
    }
    return out;
  }
}
