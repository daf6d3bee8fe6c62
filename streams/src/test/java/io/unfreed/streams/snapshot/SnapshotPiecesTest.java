package io.unfreed.streams.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SnapshotPiecesTest {
  @Test
  void shouldReadWhatWasWrittenWhenItFillsManyPieces() {
    Random random = new Random(17);
    SnapshotOut out = new SnapshotOut();
    long[] numbers = random.longs(300_000).map(n -> n >> random.nextInt(64)).toArray();
    byte[] bytes = new byte[3 * SnapshotOut.PIECE_BYTES];
    random.nextBytes(bytes);
    out.put(Long.MIN_VALUE);
    out.putAll(numbers);
    out.put(bytes);
    out.put("a text, ä €");
    out.put(Long.MAX_VALUE);

    List<byte[]> pieces = out.finish();
    SnapshotIn in = new SnapshotIn(pieces);
    assertThat(pieces).hasSizeGreaterThan(5).allMatch(p -> p.length < 512 << 10);
    assertThat(in.getLong()).isEqualTo(Long.MIN_VALUE);
    assertThat(in.getAll()).isEqualTo(numbers);
    assertThat(in.getBytes()).isEqualTo(bytes);
    assertThat(in.getText()).isEqualTo("a text, ä €");
    assertThat(in.getLong()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(in::getLong)
        .isInstanceOf(UnreadableSnapshotException.class)
        .hasMessage("it ends early");
  }

  @Test
  void shouldSayWhyWhenAPartIsNewerThanItsReader() {
    SnapshotOut out = new SnapshotOut();
    out.put(3);

    assertThatThrownBy(() -> new SnapshotIn(out.finish()).getVersion(2, "ledger"))
        .isInstanceOf(UnreadableSnapshotException.class)
        .hasMessage("version 3 of the ledger is not known here");
  }

  @Test
  void shouldSayWhyWhenAPieceIsDamaged() {
    SnapshotOut out = new SnapshotOut();
    out.put("something");
    byte[] piece = out.finish().getFirst();
    piece[0]++;

    assertThatThrownBy(() -> new SnapshotIn(List.of(piece)).getLong())
        .isInstanceOf(UnreadableSnapshotException.class);
  }
}
