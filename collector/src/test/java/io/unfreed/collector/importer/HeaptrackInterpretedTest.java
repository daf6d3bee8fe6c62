package io.unfreed.collector.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.collector.capture.RecordingException;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeaptrackInterpretedTest {
  private static final ImportOptions STRICT = ImportOptions.defaults();

  @TempDir Path directory;

  @Test
  void shouldReleaseTheYoungestLiveBlockWhenAnInfoIsFreed() throws Exception {
    Recorded recorded = Traces.imported(directory, Traces.INTERPRETED_V3, STRICT);

    assertThat(recorded.events())
        .containsExactly(
            "0: + 100000000 10",
            "0: + 100000010 10",
            "10: - 100000010",
            "10: + 200000000 20",
            "10: - 200000000",
            "20: end 5 0");
    assertThat(recorded.result.damage()).isNull();
    assertThat(BruteTotals.of(recorded.batches).temporary).isEqualTo(2);
  }

  @Test
  void shouldKeepFunctionsFilesAndInliningWhenImported() throws Exception {
    Recorded recorded = Traces.imported(directory, Traces.INTERPRETED_V3, STRICT);

    List<FrameKey> keys =
        List.of(
            new FrameKey.Named("/lib/lib.so", "operator+", "main.c", 12, true),
            new FrameKey.Named("/lib/lib.so", "main", "main.c", 17, false),
            new FrameKey.Raw(0x5010));
    CallStack stack = recorded.stacks.get(new StackHasher().hash(keys));
    assertThat(stack.getQuality()).isEqualTo(Quality.LINES);
    assertThat(stack.getFrames())
        .containsExactly(
            Frame.newBuilder()
                .setModule("/lib/lib.so")
                .setSymbol("operator+")
                .setFile("main.c")
                .setLine(12)
                .setInlined(true)
                .build(),
            Frame.newBuilder()
                .setModule("/lib/lib.so")
                .setSymbol("main")
                .setFile("main.c")
                .setLine(17)
                .build(),
            Frame.newBuilder().setAddress(0x5010L).build());
  }

  @Test
  void shouldReadStringsWithoutLengthWhenTheVersionIsOlder() throws Exception {
    for (String version : List.of("v 10000 1", "v 10100 2")) {
      String trace =
          Traces.INTERPRETED_V3
              .replace("v 10400 3", version)
              .replace("s b ", "s ")
              .replace("s 9 ", "s ")
              .replace("s 4 ", "s ")
              .replace("s 6 ", "s ");

      Recorded recorded = Traces.imported(directory, trace, STRICT);

      assertThat(recorded.result.events()).isEqualTo(5);
      assertThat(recorded.stacks.values().iterator().next().getFrames().getFirst().getSymbol())
          .isEqualTo("operator+");
    }
  }

  @Test
  void shouldReadPointersWhenTheVersionIsZero() throws Exception {
    String trace =
        """
        v 10000
        X prog
        s main
        i 5010 0 1
        t 1 0
        + 10 1 a00
        - a00
        - b00
        c 1
        R 1
        # ips: 1
        """;

    Recorded recorded = Traces.imported(directory, trace, STRICT);

    assertThat(recorded.events())
        .containsExactly("0: + a00 10", "0: - a00", "0: - b00", "1: end 3 0");
    assertThat(BruteTotals.of(recorded.batches).unmatchedFrees).isEqualTo(1);
  }

  @Test
  void shouldNameLineAndExpectationWhenALineIsMalformed() {
    String[][] cases = {
      {"s 6 main.c", "s 7 main.c", "line 7: expected 's <length, hex> <text>'"},
      {"i 7123 1 2 4 c", "i 7123 1 2 5 c", "line 8: expected 'i <address> <module>"},
      {"t 1 1", "t 3 1", "line 11: expected 't <code up to 2> <trace up to 1>'"},
      {"a 10 2", "a 10 3", "line 12: expected 'a <size, hex> <trace up to 2>'"},
      {"+ 0\n+ 0", "+ 0\n+ 1", "line 14: expected '+ <allocation info below 1, hex>'"},
      {"- 0", "- 1", "line 17: expected '- <allocation info below 1, hex>'"},
      {"R 800", "x 800", "line 16: expected a known kind of line"},
    };
    for (String[] c : cases) {
      String trace = Traces.INTERPRETED_V3.replace(c[0], c[1]);
      assertThatThrownBy(() -> Traces.imported(directory, trace, STRICT))
          .as(c[1])
          .isInstanceOf(RecordingException.class)
          .hasMessageContaining(": " + c[2]);
    }
  }
}
