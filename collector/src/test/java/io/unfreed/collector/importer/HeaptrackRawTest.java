package io.unfreed.collector.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.collector.capture.RecordingException;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeaptrackRawTest {
  private static final ImportOptions STRICT = ImportOptions.defaults();

  @TempDir Path directory;

  @Test
  void shouldGiveEventsAtTheLastTimeStampBeforeThemWhenImported() throws Exception {
    Recorded recorded = Traces.imported(directory, Traces.RAW_V3, STRICT);

    assertThat(recorded.events())
        .containsExactly(
            "0: + a00 10", "10: + b00 20", "10: - a00", "10: - b00", "10: + b00 30", "20: end 5 0");
    assertThat(recorded.result).isEqualTo(new ImportResult(5, 0, null, null));
  }

  @Test
  void shouldTellTheSessionFirstAndItsEndLastWhenImported() throws Exception {
    Recorded recorded = Traces.imported(directory, Traces.RAW_V3, STRICT);

    Session started = recorded.sessions.getFirst();
    assertThat(started.getSource()).isEqualTo(Source.HEAPTRACK);
    assertThat(started.getCommand()).isEqualTo("my prog --option value");
    assertThat(started.getSessionId()).matches("[0-9a-f]{32}");
    assertThat(started.getTickNanos()).isEqualTo(5_000_000_000L);
    assertThat(started.getTimed()).isTrue();
    assertThat(started.getStartedEpochNanos()).isNull();
    assertThat(started.getEnd()).isNull();
    Session ended = recorded.sessions.getLast();
    assertThat(ended.getEnd().getEndNanos()).isEqualTo(20_000_000L);
    assertThat(ended.getEnd().getProduced()).isEqualTo(5);
    assertThat(ended.getEnd().getReceived()).isEqualTo(5);
    assertThat(ended.getEnd().getLost()).isZero();
  }

  @Test
  void shouldIdentifyStacksByModuleRelativeFramesInnermostFirstWhenImported() throws Exception {
    Recorded recorded = Traces.imported(directory, Traces.RAW_V3, STRICT);

    List<FrameKey> keys =
        List.of(
            new FrameKey.InModule("/lib/lib.so", 0x123),
            new FrameKey.InModule("/usr/bin/my prog", 0x10));
    CallStack first = recorded.stacks.get(new StackHasher().hash(keys));
    assertThat(first.getQuality()).isEqualTo(Quality.ADDRESSES);
    assertThat(first.getFrames()).extracting(Frame::getAddress).containsExactly(0x123L, 0x10L);
    assertThat(recorded.stacks).hasSize(3);
  }

  @Test
  void shouldUseTheModulesInForceWhenATraceIsAddedAfterDlclose() throws Exception {
    String trace =
        """
        v 10400 3
        x 4 /exe
        m 1 -
        m 1 x 5000 0 1000
        m 8 /lib/one 7000 0 1000
        t 7010 0
        + 1 1 a00
        m 1 -
        m 1 x 5000 0 1000
        m 8 /lib/two 6f00 0 2000
        t 7020 0
        + 1 2 b00
        m 1 -
        t 7020 0
        + 1 3 c00
        c 1
        """;

    Recorded recorded = Traces.imported(directory, trace, STRICT);

    assertThat(frames(recorded))
        .extracting(f -> f.getModule() + " " + f.getAddress())
        .containsExactly("/lib/one 16", "/lib/two 288", "null " + 0x7020);
  }

  @Test
  void shouldGiveTheSameStackIdWhenALibraryIsLoadedElsewhere() throws Exception {
    Recorded first = Traces.imported(directory, Traces.RAW_V3, STRICT);
    String moved =
        Traces.RAW_V3
            .replace("m 1 x 5000", "m 1 x 15000")
            .replace("t 5010", "t 15010")
            .replace("lib.so 7000", "lib.so 8000")
            .replace("t 7123", "t 8123")
            .replace("t 7fff", "t 8fff");

    Recorded second = Traces.imported(directory, moved, STRICT);

    assertThat(second.stacks.keySet()).isEqualTo(first.stacks.keySet());
    assertThat(second.sessions.getFirst().getSessionId())
        .isNotEqualTo(first.sessions.getFirst().getSessionId());
  }

  @Test
  void shouldReadPathsWithoutLengthWhenTheVersionIsOlder() throws Exception {
    for (String version : List.of("v 10000 1", "v 10001 2", "v 10200")) {
      String trace =
          version
              + """

              x /usr/bin/my prog
              X my prog
              m -
              m x 5000 0 1000
              m /lib/some lib.so 7000 0 1000 2000 1000
              t 7010 0
              t 5010 1
              + 10 2 a00
              c 1
              R 1
              """;

      Recorded recorded = Traces.imported(directory, trace, STRICT);

      assertThat(recorded.result.damage()).isNull();
      assertThat(frames(recorded))
          .extracting(Frame::getModule)
          .containsExactly("/usr/bin/my prog", "/lib/some lib.so");
    }
  }

  @Test
  void shouldKeepBytesThatAreNoUtf8ApartWhenTheyNameAModule() throws Exception {
    String trace =
        """
        v 10400 3
        x 4 /exe
        m 5 /l\u00e9\u00ff1 7000 0 1000
        t 7010 0
        + 10 1 a00
        c 1
        """;

    Recorded recorded = Traces.imported(directory, trace, STRICT);

    assertThat(frames(recorded)).extracting(Frame::getModule).containsExactly("/l\\xe9\\xff1");
  }

  @Test
  void shouldKeepACommandTogetherWhenAnArgumentHasLineFeeds() throws Exception {
    String trace =
        """
        v 10400 3
        x 4 /exe
        X python3 -c import sys
        - 5
        + x = 3
        t 1
        I 1000 5e2990
        m 1 -
        t 7010 0
        + 10 1 a00
        c 1
        """;

    Recorded recorded = Traces.imported(directory, trace, STRICT);

    assertThat(recorded.events()).containsExactly("0: + a00 10", "1: end 1 0");
    assertThat(recorded.sessions.getFirst().getCommand())
        .isEqualTo("python3 -c import sys - 5 + x = 3 t 1");
  }

  @Test
  void shouldCountAnAllocationWithoutTraceWhenTheTraceIsZero() throws Exception {
    String trace = "v 10400 3\nx 4 /exe\n+ 0 0 a00\n- 0\n+ 5 0 0\nc 1\n";

    Recorded recorded = Traces.imported(directory, trace, STRICT);

    assertThat(recorded.events()).containsExactly("0: + a00 0", "1: end 1 0");
    assertThat(frames(recorded)).isEmpty();
    assertThat(recorded.stacks).hasSize(1);
  }

  @Test
  void shouldNeverGoBackInTimeWhenATimeStampDoes() throws Exception {
    String trace = "v 10400 3\nx 4 /exe\nc 5\n+ 1 0 a00\nc 3\n- a00\nc 5\n";

    Recorded recorded = Traces.imported(directory, trace, STRICT);

    assertThat(recorded.events()).containsExactly("5: + a00 1", "5: - a00", "5: end 2 0");
  }

  @Test
  void shouldAddNamesAndKeepTheIdentityWhenASymbolizerKnows() throws Exception {
    Symbolizer symbolizer =
        (module, address) ->
            module.equals("/lib/lib.so")
                ? List.of(
                    new Symbolizer.SourceFrame("inner", null, "lib.c", 7, true),
                    new Symbolizer.SourceFrame("outer", 0x23L, "lib.c", 9, false))
                : List.of();

    Recorded plain = Traces.imported(directory, Traces.RAW_V3, STRICT);
    Recorded named = Traces.imported(directory, Traces.RAW_V3, STRICT.withSymbolizer(symbolizer));

    assertThat(named.stacks.keySet()).isEqualTo(plain.stacks.keySet());
    CallStack first = named.stacks.values().iterator().next();
    assertThat(first.getQuality()).isEqualTo(Quality.LINES);
    assertThat(first.getFrames())
        .extracting(f -> f.getSymbol() + " " + f.getLine() + " " + f.getInlined())
        .containsExactly("inner 7 true", "outer 9 false", "null null false");
  }

  @Test
  void shouldNameFileLineAndExpectationWhenALineIsMalformed() {
    String[][] cases = {
      {"+ 10 2 a00", "+ 10 z a00", "line 11: expected '+ <size, hex> <trace, hex>"},
      {"+ 10 2 a00", "+ 10 3 a00", "line 11: expected '+ <size, hex> <trace, hex>"},
      {"+ 10 2 a00", "+ 10 2 a00 1", "line 11: expected '+ <size, hex> <trace, hex>"},
      {"+ 10 2 a00", "+ 10 2 11112222333344445", "line 11: expected '+ <size, hex>"},
      {"+ 10 2 a00", "+ ffffffffffffffff 2 a00", "line 11: expected a size below 2^63"},
      {"- a00", "-", "line 15: expected '- <pointer, hex>'"},
      {"t 7123 1", "t 7123 2", "line 10: expected 't <address, hex> <trace up to 1>'"},
      {"m b /lib", "m bb /lib", "line 8: expected 'm <length> <path>"},
      {"R 800", "R", "line 13: expected 'R <resident pages, hex>'"},
      {"c a\n", "c -1\n", "line 12: expected 'c <milliseconds, hex>'"},
      {"R 800", "Q 800", "line 13: expected a known kind of line"},
    };
    for (String[] c : cases) {
      String trace = Traces.RAW_V3.replace(c[0], c[1]);
      assertThatThrownBy(() -> Traces.imported(directory, trace, STRICT))
          .as(c[1])
          .isInstanceOf(RecordingException.class)
          .hasMessageStartingWith(directory.resolve("trace") + ": " + c[2])
          .hasMessageContaining(c[1].strip())
          .hasMessageContaining("--lenient");
    }
  }

  @Test
  void shouldCountAndSkipMalformedLinesWhenLenient() throws Exception {
    String trace = Traces.RAW_V3.replace("+ 20 1 b00", "+ 20 zz b00\nnonsense");

    Recorded recorded = Traces.imported(directory, trace, STRICT.withLenient(true));

    assertThat(recorded.result.skippedLines()).isEqualTo(2);
    assertThat(recorded.result.firstSkipped()).startsWith("line 14: expected '+");
    assertThat(recorded.result.events()).isEqualTo(4);
    assertThat(recorded.result.damage()).isNull();
  }

  @Test
  void shouldLeaveTheSessionOpenWhenTheProgramWasKilled() throws Exception {
    String trace = Traces.RAW_V3.substring(0, Traces.RAW_V3.indexOf("c 14"));

    Recorded recorded = Traces.imported(directory, trace, STRICT);

    assertThat(recorded.events()).hasSize(5).noneMatch(e -> e.contains("end"));
    assertThat(recorded.sessions).hasSize(1);
    assertThat(recorded.result.damage().line()).contains("closing time stamp");
  }

  @Test
  void shouldRefuseWhenTheVersionIsNewer() {
    String trace = Traces.RAW_V3.replace("v 10400 3", "v 10600 4");

    assertThatThrownBy(() -> Traces.imported(directory, trace, STRICT))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("version newer than 3");
  }

  private static List<Frame> frames(Recorded recorded) {
    return recorded.stacks.values().stream().flatMap(s -> s.getFrames().stream()).toList();
  }
}
