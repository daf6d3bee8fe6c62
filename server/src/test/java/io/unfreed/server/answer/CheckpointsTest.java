package io.unfreed.server.answer;

import static io.unfreed.server.answer.ChurnRecording.EVENTS_A_SECOND;
import static io.unfreed.server.answer.ChurnRecording.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.query.AskedBlocks;
import io.unfreed.query.AskedMoment;
import io.unfreed.query.LedgerSink;
import io.unfreed.schemas.Session;
import io.unfreed.streams.ledger.SizeRange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions about a moment or a range read what lies there, and say what all of it would say. */
class CheckpointsTest {
  private static final AskedBlocks NO_BLOCKS = new AskedBlocks(null, null, null, null, null);
  private static final long MUCH = 1L << 30;

  /** Nothing is remembered. */
  private static final long NOTHING = 0;

  @TempDir Path directory;

  @Test
  void shouldReadOnlyWhatLiesInARange() throws Exception {
    Path file = directory.resolve("one.unfreed");
    ChurnRecording.write(file, "one", 1, 1);
    Readings readings = readings(file, MUCH);
    readings.of(asked(null, null, NO_BLOCKS));
    long whole = readings.eventsRead();
    assertThat(whole).isEqualTo((long) SECONDS * EVENTS_A_SECOND + 1);
    assertThat(readings.places()).isGreaterThan(4);

    readings.ofBlocks(asked("one", "+70s", born("+50s..+70s")));
    long range = readings.eventsRead() - whole;
    readings.of(asked("one", "+70s", NO_BLOCKS)); // comes out of the same reading
    assertThat(readings.eventsRead() - whole).isEqualTo(range);

    // The range, what lies between it and the place before it, and what was on its way.
    assertThat(range).isBetween(20L * EVENTS_A_SECOND, whole * 3 / 4);
    readings.of(asked("one", "+5s", NO_BLOCKS));
    assertThat(readings.eventsRead() - whole - range).isLessThan(whole / 2);
  }

  @Test
  void shouldSayTheSameWhereverItBegins() throws Exception {
    for (int processes = 1; processes <= 2; processes++) {
      Path file = directory.resolve("churn-" + processes);
      ChurnRecording.write(file, "churn", processes, processes);
      shouldSayTheSame(file, processes);
      Path packed = directory.resolve("churn.gz-" + processes);
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
        Files.copy(file, out);
      }
      shouldSayTheSame(packed, processes);
    }
  }

  private static void shouldSayTheSame(Path file, long seed) throws IOException {
    Random random = new Random(seed);
    Readings readings = readings(file, MUCH);
    Readings plain = readings(file, NOTHING);
    Reading whole = readings.of(asked(null, null, NO_BLOCKS));
    assertThat(whole.sessions().getFirst().reports())
        .isEqualTo(plain.of(asked(null, null, NO_BLOCKS)).sessions().getFirst().reports());
    long wholeEvents = readings.eventsRead();
    for (int i = 0; i < 40; i++) {
      Asked asked = question(random);
      boolean withShapes = i % 5 == 0;
      Reading.OfSession found = one(readings, asked, withShapes);
      Reading.OfSession expected = one(plain, asked, withShapes);
      assertThat(found.session()).isEqualTo(expected.session());
      assertThat(found.reports()).as(asked.toString()).isEqualTo(expected.reports());
      assertThat(found.chosen()).as(asked.toString()).isEqualTo(expected.chosen());
      assertThat(found.marks()).as(asked.toString()).isEqualTo(expected.marks());
      if (withShapes) {
        assertThat(found.shapes().processes())
            .usingRecursiveComparison()
            .isEqualTo(expected.shapes().processes());
      }
    }
    assertThat(plain.places()).isZero();
    assertThat(readings.eventsRead() - wholeEvents)
        .isLessThan((plain.eventsRead() - wholeEvents) * 3 / 4);
  }

  @Test
  void shouldRememberNoMoreThanThereIsRoomFor() throws Exception {
    Path file = directory.resolve("room.unfreed");
    ChurnRecording.write(file, "room", 1, 3);
    Readings much = readings(file, MUCH);
    much.of(asked(null, null, NO_BLOCKS));
    Readings little = readings(file, 20_000);
    little.of(asked(null, null, NO_BLOCKS));

    assertThat(little.places()).isPositive().isLessThan(much.places());
    Asked range = asked("room", "+70s", born("+50s..+70s"));
    assertThat(little.ofBlocks(range).sessions().getFirst().chosen())
        .isEqualTo(much.ofBlocks(range).sessions().getFirst().chosen());
  }

  private static Reading.OfSession one(Readings readings, Asked asked, boolean withShapes)
      throws IOException {
    Reading reading =
        withShapes
            ? readings.withShapes(asked)
            : asked.blocks().isGiven() ? readings.ofBlocks(asked) : readings.of(asked);
    return reading.sessions().getFirst();
  }

  private static Asked question(Random random) {
    int from = random.nextInt(SECONDS);
    int to = from + random.nextInt(SECONDS - from);
    String range = "+" + from + "s..+" + to + "s";
    String at = random.nextInt(4) == 0 ? null : "+" + to + "s";
    String thread = random.nextBoolean() ? "thread" : null;
    return asked(
        "churn",
        at,
        switch (random.nextInt(6)) {
          case 0 -> NO_BLOCKS;
          case 1 -> new AskedBlocks(range, range, "free-stack", null, null);
          case 2 -> new AskedBlocks(null, range, thread, null, null);
          case 3 -> new AskedBlocks("second 33..second 63", null, thread, null, null);
          case 4 -> new AskedBlocks(null, null, "stack", null, null);
          default -> new AskedBlocks(range, null, thread, null, null);
        });
  }

  private static AskedBlocks born(String window) {
    return new AskedBlocks(window, null, null, null, null);
  }

  private static Readings readings(Path file, long mostBytes) throws IOException {
    AnswerLimits limits = new AnswerLimits(Duration.ofHours(1), Long.MAX_VALUE);
    Archive archive =
        new FileArchive(List.of(file), ImportOptions.defaults(), (of, result) -> {}, limits);
    return new Readings(new Roomy(archive, mostBytes), 1);
  }

  /** Other room for what is remembered. */
  private record Roomy(Archive archive, long checkpointBytes) implements Archive {
    @Override
    public List<Session> sessions() throws IOException {
      return archive.sessions();
    }

    @Override
    public void copyTo(String session, LedgerSink ledger) throws IOException {
      archive.copyTo(session, ledger);
    }

    @Override
    public void copyFrom(long offset, LedgerSink ledger, BooleanSupplier isEnough)
        throws IOException {
      archive.copyFrom(offset, ledger, isEnough);
    }

    @Override
    public Object version() {
      return archive.version();
    }
  }

  private static Asked asked(String session, String at, AskedBlocks blocks) {
    return new Asked(session, new AskedMoment(at, 0, SizeRange.ALL, null), blocks, null);
  }
}
