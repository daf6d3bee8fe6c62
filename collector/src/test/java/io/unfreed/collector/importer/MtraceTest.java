package io.unfreed.collector.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.collector.capture.RecordingException;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MtraceTest {
  private static final ImportOptions STRICT = ImportOptions.defaults();

  @TempDir Path directory;

  @Test
  void shouldGiveAFreeAndAnAllocationWhenABlockIsReallocated() throws Exception {
    Recorded recorded = Traces.imported(directory, Traces.MTRACE, STRICT);

    assertThat(recorded.events())
        .containsExactly(
            "0: + 55ce937f04a0 110",
            "0: + 55ce937f05c0 0",
            "0: - 55ce937f05c0",
            "0: - 55ce937f04a0",
            "0: + 55ce937f0500 220",
            "0: + 55ce937f0900 8",
            "0: end 6 0");
  }

  @Test
  void shouldSayThatThereIsNoTimeWhenImported() throws Exception {
    Session session = Traces.imported(directory, Traces.MTRACE, STRICT).sessions.getFirst();

    assertThat(session.getSource()).isEqualTo(Source.MTRACE);
    assertThat(session.getTimed()).isFalse();
    assertThat(session.getTickNanos()).isZero();
    assertThat(session.getCommand()).isNull();
  }

  @Test
  void shouldTakeOneOffTheReturnAddressWhenACallerIsRead() throws Exception {
    Recorded recorded = Traces.imported(directory, Traces.MTRACE, STRICT);

    StackHasher hasher = new StackHasher();
    String library = "/lib/x86_64-linux-gnu/lib with space.so";
    Frame make =
        recorded
            .stacks
            .get(hasher.hash(List.of(new FrameKey.InModule(library, 0x20248))))
            .getFrames()
            .getFirst();
    assertThat(make.getSymbol()).isEqualTo("make");
    assertThat(make.getOffset()).isEqualTo(8);
    Frame re =
        recorded
            .stacks
            .get(hasher.hash(List.of(new FrameKey.InModule("prog", 0xf))))
            .getFrames()
            .getFirst();
    assertThat(re.getOffset()).isEqualTo(-3);
    assertThat(recorded.stacks).containsKey(hasher.hash(List.of()));
    assertThat(recorded.stacks).hasSize(4);
  }

  @Test
  void shouldReadARawCallerWhenNoModuleWasFound() {
    MtraceLocation location = MtraceLocation.parse("[0x7f0000001000]");

    assertThat(location.keys()).containsExactly(new FrameKey.Raw(0x7f0000000fffL));
    assertThat(MtraceLocation.parse("a:b:(f(int)+1a)[0x10]").symbol()).isEqualTo("f(int)");
    assertThat(MtraceLocation.parse("a:b:(f(int)+1a)[0x10]").module()).isEqualTo("a:b");
  }

  @Test
  void shouldNameLineAndExpectationWhenALineIsMalformed() {
    String[][] cases = {
      {"+ 0x55ce937f04a0 0x110", "+ 0x55ce937f04a0", "line 2: expected one of"},
      {"+ 0x55ce937f04a0 0x110", "+ 55ce937f04a0 0x110", "line 2: expected a pointer"},
      {"+ 0x55ce937f04a0 0x110", "* 0x55ce937f04a0 0x110", "line 2: expected '@ <file>"},
      {"+ 0x55ce937f04a0 0x110", "+ 0x55ce937f04a0 0xZZ", "line 2: expected a pointer"},
      {"> 0x55ce937f0500 0x220", "- 0x55ce937f0500", "line 6: expected '> p size' behind '< p'"},
      {"< 0x55ce937f04a0", "- 0x55ce937f04a0", "line 6: expected '< p' before '> p size'"},
    };
    for (String[] c : cases) {
      String trace = Traces.MTRACE.replace(c[0], c[1]);
      assertThatThrownBy(() -> Traces.imported(directory, trace, STRICT))
          .as(c[1])
          .isInstanceOf(RecordingException.class)
          .hasMessageContaining(": " + c[2]);
    }
  }
}
