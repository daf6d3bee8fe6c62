package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.live.Ending;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossAdviceTest {
  private static final long DEFAULT_BUFFER_BYTES = 16L << 20;

  @Test
  void shouldSayNothingWhenNothingWasLost() {
    assertThat(advice(100, 0, Map.of("nested", 5L, "stackMapFull", 3L))).isNull();
  }

  @Test
  void shouldSayWhatHelpsWhenTheBufferWasFull() {
    assertThat(advice(3_200_000, 71_845, Map.of("reserveFailed", 71_845L)))
        .isEqualTo("lost 71845 of 3200000 events (ring buffer full: try --buffer 64m)");
  }

  @Test
  void shouldGiveEachCauseItsNumberWhenThereAreSeveral() {
    assertThat(
            advice(
                1000,
                70,
                Map.of(
                    "reserveFailed", 40L,
                    "liveMapFull", 9L,
                    "stateFailed", 8L,
                    "readFailed", 6L,
                    "exitWithoutEnter", 4L,
                    "recursionMisses", 3L)))
        .isEqualTo(
            "lost 70 of 1000 events (40 ring buffer full: try --buffer 64m;"
                + " 9 map of recorded blocks full: try a larger --sample-rate or --min-size;"
                + " 8 no memory for the state of a thread; 6 a call's result could not be read;"
                + " 4 calls under way when their probes came; 3 probes hit while another one ran)");
  }

  @Test
  void shouldSayWhatHelpsWhenPagesFoundNoRoom() {
    assertThat(advice(100_000, 1_024, Map.of("pagesWithoutRoom", 1_024L)))
        .isEqualTo(
            "lost 1024 of 100000 events (faults of more pages than the recorder has memory for:"
                + " try a larger heap (UNFREED_JAVA_OPTS=-Xmx..) or a larger --sample-rate)");
  }

  @Test
  void shouldNotInventACauseWhenNoneWasCounted() {
    assertThat(advice(10, 5, Map.of()))
        .isEqualTo("lost 5 of 10 events (for no cause that was counted)");
    assertThat(advice(10, 5, Map.of("exitWithoutEnter", 2L)))
        .isEqualTo("lost 5 of 10 events (2 calls under way when their probes came; 3 otherwise)");
  }

  @Test
  void shouldTellLostProcessRecordsWhenNoEventWasLost() {
    assertThat(advice(10, 0, Map.of("processFailed", 1L)))
        .isEqualTo("lost 1 record of forks, execs and exits (ring buffer full: try --buffer 64m)");
    assertThat(advice(10, 2, Map.of("reserveFailed", 2L, "processFailed", 3L)))
        .isEqualTo(
            "lost 2 of 10 events (ring buffer full: try --buffer 64m),"
                + " and 3 records of forks, execs and exits");
  }

  @ParameterizedTest
  @CsvSource({
    "4096, --buffer 16m",
    "16777216, --buffer 64m",
    "67108864, --buffer 256m",
    "268435456, --buffer 1g",
    "536870912, --buffer 1g",
    "1073741824, a larger --sample-rate or --min-size"
  })
  void shouldSuggestTheNextSizeThatIsWorthATry(long bufferBytes, String suggestion) {
    Ending ending = new Ending(2, 1, 1, Map.of("reserveFailed", 1L));
    assertThat(LossAdvice.of(ending, bufferBytes))
        .isEqualTo("lost 1 of 2 events (ring buffer full: try " + suggestion + ")");
  }

  private static String advice(long produced, long lost, Map<String, Long> counters) {
    return LossAdvice.of(
        new Ending(produced, produced - lost, lost, counters), DEFAULT_BUFFER_BYTES);
  }
}
