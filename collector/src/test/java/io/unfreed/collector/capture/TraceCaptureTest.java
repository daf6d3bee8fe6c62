package io.unfreed.collector.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.TraceRules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trace as a capture file. */
class TraceCaptureTest {
  private static final int STATEMENTS = 30;

  @TempDir Path directory;

  @Test
  void shouldReadWhatWasWritten() throws Exception {
    Path file = write();
    List<TraceStatement> read = new ArrayList<>();
    try (CaptureReader in = CaptureReader.open(file)) {
      assertThat(in.next()).isEqualTo(CaptureReader.Kind.SESSION);
      assertThat(in.session()).isEqualTo(session());
      while (in.next() == CaptureReader.Kind.TRACE) {
        read.add(in.statement());
      }
      assertThat(in.damage().line())
          .contains("1 sessions, 0 stacks and 30 statements of a trace in 3 whole blocks");
    }
    assertThat(read).isEqualTo(statements());
  }

  @Test
  void shouldReadEveryWholeBlockWhereverTheFileIsCut() throws Exception {
    Path file = write();
    byte[] whole = Files.readAllBytes(file);
    int least = whole.length;
    for (int length = whole.length; length > whole.length - 400; length -= 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      int read = 0;
      try (CaptureReader in = CaptureReader.open(file)) {
        for (var kind = in.next(); kind != CaptureReader.Kind.END; kind = in.next()) {
          read += kind == CaptureReader.Kind.TRACE ? 1 : 0;
        }
        assertThat(in.damage()).isNotNull();
      }
      assertThat(read).isIn(0, 10, 20, STATEMENTS).isLessThanOrEqualTo(least);
      least = read;
    }
  }

  /**
   * Versions that know no traces refuse a third kind of record that is no EventBatch, in a line.
   */
  @Test
  void shouldHaveItsStatementsWhereOthersHaveEventBatches() throws Exception {
    try (var in = new DataFileReader<GenericRecord>(write().toFile(), new GenericDatumReader<>())) {
      assertThat(in.getSchema().getTypes())
          .containsExactly(
              Session.getClassSchema(),
              CallStack.getClassSchema(),
              TraceStatement.getClassSchema());
    }
    assertThat(CaptureFormat.schema().getTypes())
        .containsExactly(
            Session.getClassSchema(), CallStack.getClassSchema(), EventBatch.getClassSchema());
  }

  @Test
  void shouldRefuseInOneLineWhenItsSchemaIsAnother() throws Exception {
    Path file = write();
    byte[] bytes = Files.readAllBytes(file);
    String text =
        new String(bytes, StandardCharsets.ISO_8859_1).replace("TraceStatement", "TraceStatemens");
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> CaptureReader.open(file))
        .isInstanceOf(RecordingException.class)
        .hasMessage(
            file
                + ": an Avro file, but not a capture of a version known here:"
                + " io.unfreed.schemas.TraceStatemens differs, a newer Unfreed may read it;"
                + " nothing was read");
  }

  private Path write() throws Exception {
    Path file = directory.resolve("trace");
    try (CaptureWriter out = CaptureWriter.create(file, true)) {
      out.session(session());
      List<TraceStatement> statements = statements();
      for (int i = 0; i < statements.size(); i++) {
        out.trace(statements.get(i));
        if (i % 10 == 9) {
          out.flush();
        }
      }
    }
    return file;
  }

  private static Session session() {
    return Session.newBuilder()
        .setSessionId("s")
        .setSource(Source.EBPF)
        .setProbes(List.of(TraceRules.probe("io")))
        .build();
  }

  private static List<TraceStatement> statements() {
    List<TraceStatement> statements = new ArrayList<>();
    for (int i = 0; i < STATEMENTS; i++) {
      TraceHead head =
          TraceHead.newBuilder()
              .setStatements(i + 1L)
              .setEnded(false)
              .setTold(false)
              .setMapFull(i)
              .setUnpaired(i * 31)
              .setQueueFull(0)
              .setSkipped(0)
              .setWarnNanos(0)
              .setSuspectAbove(0)
              .build();
      statements.add(
          TraceStatement.newBuilder()
              .setSession("s")
              .setIncarnation(TraceRules.WHOLE)
              .setProbe("io")
              .setSequence(i)
              .setTick(i)
              .setAtNanos(i)
              .setHead(head)
              .build());
    }
    return statements;
  }
}
