package io.unfreed.streams.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SnapshotRecordsTest {
  private final Map<String, byte[]> topic = new HashMap<>();

  @Test
  void shouldBeWholeWhenEveryPieceIsThere() {
    Snapshot snapshot = snapshot(5, 300_000);
    write(snapshot, 0);

    assertThat(snapshot.pieces()).hasSizeGreaterThan(2);
    assertThat(read(snapshot).pieces()).containsExactlyElementsOf(snapshot.pieces());
  }

  @Test
  void shouldNeverPutPiecesOfTwoSnapshotsTogether() {
    Snapshot first = snapshot(5, 300_000);
    Snapshot second = snapshot(6, 200_000);
    write(first, 0);
    List<SnapshotRecords.Entry> entries = SnapshotRecords.of(second, first.header().pieces());
    for (SnapshotRecords.Entry entry : entries.subList(0, entries.size() - 2)) {
      topic.put(entry.key(), entry.value());
    }

    assertThat(read(first)).as("stale").isNull();
    assertThat(read(second)).as("torn").isNull();
    write(second, first.header().pieces());
    assertThat(read(second)).isNotNull();
    assertThat(topic.values().stream().filter(v -> v == null).count())
        .isEqualTo(first.header().pieces() - second.header().pieces());
  }

  private void write(Snapshot snapshot, int before) {
    SnapshotRecords.of(snapshot, before).forEach(e -> topic.put(e.key(), e.value()));
  }

  private Snapshot read(Snapshot expected) {
    SnapshotRecords.Assembly assembly = new SnapshotRecords.Assembly(expected.header());
    topic.forEach(assembly::add);
    return assembly.whole();
  }

  private static Snapshot snapshot(long offset, int numbers) {
    SnapshotOut out = new SnapshotOut();
    out.putAll(new Random(offset).longs(numbers).toArray());
    return Snapshot.of(new UUID(1, 2), 3, offset, out.finish());
  }
}
