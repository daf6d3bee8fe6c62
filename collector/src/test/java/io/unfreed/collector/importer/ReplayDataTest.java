package io.unfreed.collector.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.collector.capture.CaptureWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayDataTest {
  private static final Path DATA = Path.of("..", "replay-data");

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sqlite.raw.zst | allocations=42303 frees=42288 unmatchedFrees=0 superseded=0 temporary=623 peakBytes=2162489 outstandingBytes=8937 outstandingCount=15 stacks=7 largest=4096,1
          perl-cycle.raw.zst | allocations=8216 frees=1033 unmatchedFrees=0 superseded=0 temporary=146 peakBytes=1574445 outstandingBytes=1470751 outstandingCount=7183 stacks=358 largest=384000,6000
          jq.mtrace.zst | allocations=8622 frees=8622 unmatchedFrees=0 superseded=0 temporary=225 peakBytes=705658 outstandingBytes=0 outstandingCount=0 stacks=0 largest=0,0
          """)
  void shouldCountAsTheManifestWhenImported(String file, String expected) throws Exception {
    Recorded direct = new Recorded();
    ImportResult result =
        Recordings.open(DATA.resolve(file), ImportOptions.defaults()).copyTo(direct);
    assertThat(result.damage()).isNull();
    assertThat(BruteTotals.of(direct.batches).summary()).isEqualTo(expected);

    Path capture = directory.resolve("capture");
    try (CaptureWriter writer = CaptureWriter.create(capture, false)) {
      Recordings.open(DATA.resolve(file), ImportOptions.defaults()).copyTo(writer);
    }
    Recorded copied = new Recorded();
    try (CaptureReader reader = CaptureReader.open(capture)) {
      reader.copyTo(copied);
      assertThat(reader.damage()).isNull();
    }
    assertThat(copied.sessions).isEqualTo(direct.sessions);
    assertThat(copied.stacks).isEqualTo(direct.stacks);
    assertThat(BruteTotals.of(copied.batches).summary()).isEqualTo(expected);
    System.out.println(
        file
            + ": "
            + Files.size(capture)
            + " capture, "
            + direct.bodyBytes()
            + " bodies, events "
            + result.events());
  }
}
