package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.live.Ending;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StackAdviceTest {
  @Test
  void shouldSayNothingWhenAllStacksAreWhole() {
    assertThat(advice(Map.of("stackShort", 3L))).isNull();
  }

  @Test
  void shouldNameOneReasonWithoutANumberAndSeveralWithTheirs() {
    assertThat(advice(Map.of("incompleteStacks", 1L, "incompleteTooDeep", 1L)))
        .isEqualTo("1 stack is incomplete (more than 127 frames)");
    assertThat(
            advice(
                Map.of("incompleteStacks", 5L, "incompleteNoTable", 4L, "incompleteReadFault", 1L)))
        .isEqualTo(
            "5 stacks are incomplete (4 code without call frame information; 1 unreadable memory)");
  }

  @Test
  void shouldGiveTheNumberAloneWhenTheLibraryCountedNoReasons() {
    assertThat(advice(Map.of("incompleteStacks", 7L))).isEqualTo("7 stacks are incomplete");
  }

  private static String advice(Map<String, Long> counters) {
    return StackAdvice.of(new Ending(10, 10, 0, counters));
  }
}
