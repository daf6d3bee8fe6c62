package io.unfreed.bpf.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EndedRowsTest {
  private final EndedRows rows = new EndedRows();

  @Test
  void shouldTellRowsThatWereTakenOutBesideThoseInTheKernel() {
    rows.add(cell(7, 1, 10, 500));
    rows.add(cell(7, 2, 20, 600));
    List<TraceCell> all = rows.with(List.of(cell(8, 1, 1, 5)));

    assertThat(all).containsExactly(cell(7, 1, 10, 500), cell(7, 2, 20, 600), cell(8, 1, 1, 5));
    assertThat(rows.hasRoom()).isTrue();
  }

  @Test
  void shouldGoOnWhereARowEndedWhenItsProcessNumberComesAgain() {
    rows.add(cell(7, 1, 10, 500));
    rows.add(cell(7, 1, 5, 900));
    List<TraceCell> all = rows.with(List.of(cell(7, 1, 2, 100)));

    assertThat(all).containsExactly(cell(7, 1, 17, 900));
    assertThat(rows.with(List.of())).containsExactly(cell(7, 1, 15, 900));
  }

  @Test
  void shouldAddTheErrorsUp() {
    TraceSnapshot.ErrorKey call = new TraceSnapshot.ErrorKey(7, 1);
    rows.add(call, 11, 3);
    rows.add(call, 11, 4);
    rows.add(call, 2, 1);
    Map<TraceSnapshot.ErrorKey, Map<Integer, Long>> inKernel = new HashMap<>();
    inKernel.put(call, new TreeMap<>(Map.of(11, 1L)));
    rows.addTo(inKernel);

    assertThat(inKernel).containsOnlyKeys(call);
    assertThat(inKernel.get(call)).isEqualTo(Map.of(11, 8L, 2, 1L));
  }

  private static TraceCell cell(int tgid, long call, long count, long maxNanos) {
    return new TraceCell(
        TraceCell.Kind.CALL, call, 0, tgid, "p", count, 0, count, maxNanos, 0, List.of(count, 0L));
  }
}
