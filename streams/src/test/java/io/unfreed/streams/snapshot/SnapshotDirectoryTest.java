package io.unfreed.streams.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotDirectoryTest {
  private static final UUID TOPIC = new UUID(1, 2);

  @TempDir Path path;

  @Test
  void shouldReadWhatWasWritten() throws Exception {
    SnapshotDirectory directory = new SnapshotDirectory(path.resolve("new"));
    Snapshot written = snapshot(3, 77);

    Path file = directory.write(written);

    assertThat(directory.files(3)).containsExactly(file);
    assertThat(directory.files(1)).isEmpty();
    assertThat(directory.readHeader(file)).isEqualTo(written.header());
    assertThat(directory.read(file).pieces()).containsExactlyElementsOf(written.pieces());
  }

  @Test
  void shouldKeepTheOneBeforeAndNoMore() throws Exception {
    SnapshotDirectory directory = new SnapshotDirectory(path);
    for (long offset : new long[] {9, 10, 100, 101}) {
      directory.write(snapshot(1, offset));
    }
    directory.write(snapshot(11, 5));

    assertThat(directory.files(1))
        .extracting(file -> file.getFileName().toString())
        .containsExactly("1-101.snapshot", "1-100.snapshot");
    assertThat(directory.files(11)).hasSize(1);
  }

  @Test
  void shouldRemoveOldFilesOfOtherPartitionsOnly() throws Exception {
    SnapshotDirectory directory = new SnapshotDirectory(path);
    Path own = directory.write(snapshot(1, 9));
    Path recent = directory.write(snapshot(2, 9));
    Path left = directory.write(snapshot(12, 9));
    Path partial = Files.createFile(path.resolve("13.new"));
    Path foreign = Files.createFile(path.resolve("1st.snapshot"));
    Instant now = Instant.now();
    for (Path file : List.of(own, left, partial, foreign)) {
      Files.setLastModifiedTime(file, FileTime.from(now.minusSeconds(60)));
    }
    directory.removeOthers(Set.of(1), now.minusSeconds(30));

    assertThat(left).doesNotExist();
    assertThat(partial).doesNotExist();
    assertThat(List.of(own, recent, foreign)).allSatisfy(file -> assertThat(file).exists());
  }

  @Test
  void shouldRefuseEveryFileThatIsCutOffOrDamaged() throws Exception {
    SnapshotDirectory directory = new SnapshotDirectory(path);
    Path file = directory.write(snapshot(0, 5));
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      assertThatThrownBy(() -> directory.read(file))
          .isInstanceOf(UnreadableSnapshotException.class);
      Files.write(file, java.util.Arrays.copyOf(whole, random.nextInt(whole.length)));
      assertThatThrownBy(() -> directory.read(file))
          .isInstanceOf(UnreadableSnapshotException.class);
    }
  }

  @Test
  void shouldSayWhichVersionWhenItIsAnother() throws Exception {
    byte[] header = snapshot(0, 5).header().toBytes();
    header[11] = 9;

    assertThatThrownBy(() -> SnapshotHeader.of(header)).hasMessage("version 9 is not known here");
  }

  private static Snapshot snapshot(int partition, long offset) {
    SnapshotOut out = new SnapshotOut();
    out.putAll(new Random(offset).longs(100_000).toArray());
    return Snapshot.of(TOPIC, partition, offset, out.finish());
  }
}
