package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.MergeState;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.StackMerge;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

/**
 * The rule of docs/formats.md, "Versions". Whoever changes a record: the failing line says what to
 * do; the list {@code released.txt} only ever grows.
 */
class ReleasedSchemasTest {
  private static final Map<String, Schema> CURRENT =
      Stream.of(
              CallStack.getClassSchema(),
              EventBatch.getClassSchema(),
              LaneTick.getClassSchema(),
              LeakReport.getClassSchema(),
              MergeState.getClassSchema(),
              Session.getClassSchema(),
              StackMerge.getClassSchema(),
              StackState.getClassSchema(),
              TraceStatement.getClassSchema(),
              TraceWindow.getClassSchema())
          .collect(Collectors.toMap(Schema::getName, Function.identity()));

  @Test
  void shouldKnowEverySchemaWhenItWasReleased() throws Exception {
    for (String line : released()) {
      String record = line.split(" ")[0];
      long fingerprint = Long.parseUnsignedLong(line.split(" ")[1], 16);
      boolean isCurrent =
          SchemaNormalization.parsingFingerprint64(CURRENT.get(record)) == fingerprint;

      assertThat(isCurrent || OlderSchemas.of(record).findByFingerprint(fingerprint) != null)
          .as("%s was released: its schema belongs into a directory of OlderSchemas", line)
          .isTrue();
    }
  }

  @Test
  void shouldBeListedAsReleasedWhenASchemaIsCurrent() throws Exception {
    List<String> released = released();
    CURRENT.forEach((name, schema) -> {
      long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
      assertThat(released)
          .as("a changed record gets a line of its own in released.txt, behind the others")
          .contains("%s %016x".formatted(name, fingerprint));
    });
  }

  @Test
  void shouldReadBothWaysWhenVersionsDiffer() {
    for (String version : OlderSchemas.VERSIONS) {
      CURRENT.forEach((name, current) -> {
        Schema older = OlderSchemas.find(version, name);
        if (older != null) {
          assertThat(compatibility(current, older))
              .as("%s of %s is read", name, version)
              .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
          assertThat(compatibility(older, current))
              .as("%s is read by %s, or has another source", name, version)
              .isIn(acceptable(name));
        }
      });
    }
  }

  /** The first version's sources were a closed list. */
  private static List<SchemaCompatibilityType> acceptable(String record) {
    return record.equals("Session")
        ? List.of(SchemaCompatibilityType.COMPATIBLE, SchemaCompatibilityType.INCOMPATIBLE)
        : List.of(SchemaCompatibilityType.COMPATIBLE);
  }

  private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
  }

  private static List<String> released() throws Exception {
    try (InputStream in = ReleasedSchemasTest.class.getResourceAsStream("/released.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
