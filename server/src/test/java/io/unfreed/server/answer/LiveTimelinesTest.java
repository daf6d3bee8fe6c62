package io.unfreed.server.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.query.AskedBlocks;
import io.unfreed.query.AskedMoment;
import io.unfreed.query.FailedException;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.ledger.SizeRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When the events of a session that goes on are read, whoever looks and however often. */
class LiveTimelinesTest {
  private static final Asked WHOLE =
      new Asked(
          RandomSession.ID,
          new AskedMoment(null, 0, SizeRange.ALL, null),
          new AskedBlocks(null, null, null, null, null),
          null);

  private final RandomSession session = new RandomSession(4711);
  private final AtomicLong nowNanos = new AtomicLong(1);
  private final AtomicInteger readings = new AtomicInteger();
  private final AtomicInteger states = new AtomicInteger();
  private final AtomicInteger version = new AtomicInteger();
  private volatile boolean isStateKnown = true;
  private volatile int forgotten;

  /** As it was asked before the events were read. */
  private volatile Readings.State early;

  private final LiveTimelines timelines =
      new LiveTimelines(
          new LiveTimelines.Source() {
            @Override
            public Object version() {
              return version.get();
            }

            @Override
            public Reading read(Asked asked) {
              readings.incrementAndGet();
              nowNanos.addAndGet(1000);
              return exact().reading();
            }

            @Override
            public Readings.State state(Asked asked) {
              states.incrementAndGet();
              if (early != null) {
                return early;
              }
              return isStateKnown ? stateNow() : null;
            }
          },
          nowNanos::incrementAndGet);

  private RandomSession.Exact exact() {
    try {
      return session.exact(forgotten, Timeline.MOST_WORDS);
    } catch (MalformedBatchException e) {
      throw new FailedException("broken", e);
    }
  }

  private Readings.State stateNow() {
    Reading.OfSession known = exact().reading().sessions().getFirst();
    Reading state = new Reading(List.of(known.with(null)), exact().reading().stacks());
    return new Readings.State(state, nowNanos.incrementAndGet());
  }

  private void more() {
    session.more(5);
    version.incrementAndGet();
  }

  private Reading ask() throws Exception {
    return timelines.of(WHOLE);
  }

  private void assertIsAsOfNow(Reading reading) {
    Reading.OfSession of = reading.sessions().getFirst();
    assertThat(Standing.of(of.reports()).drawsAs(exact().standing())).isTrue();
    exact()
        .standing()
        .processes()
        .forEach((key, process) ->
            assertThat(of.timeline().processes().get(key).bytes.total())
                .isEqualTo(process.counts().outstandingBytes()));
  }

  @Test
  void shouldReadOnceForAllWhoLookWhileASessionGrows() throws Exception {
    int lookers = 40;
    CyclicBarrier together = new CyclicBarrier(lookers);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int look = 0; look < 20; look++) {
        more();
        List<Future<Reading>> answers = new ArrayList<>();
        for (int i = 0; i < lookers; i++) {
          answers.add(
              threads.submit(() -> {
                together.await();
                return ask();
              }));
        }
        Set<Object> drawn = new HashSet<>();
        for (Future<Reading> answer : answers) {
          drawn.add(answer.get().timelineVersion());
        }
        assertThat(drawn).as("look " + look).hasSize(1);
        assertIsAsOfNow(ask());
      }
    }
    assertThat(readings).hasValue(1);
    assertThat(states).hasValue(19);
    assertThat(timelines.fromState()).isEqualTo(19);
    assertThat(ask().sessions().getFirst().timeline())
        .satisfies(grown -> assertThat(grown.exactNanos()).isLessThan(grown.lastNanos()));
  }

  @Test
  void shouldReadOnceMoreWhenTheSessionIsOver() throws Exception {
    more();
    ask();
    more();
    ask();
    session.end();
    version.incrementAndGet();

    Timeline whole = ask().sessions().getFirst().timeline();
    assertThat(readings).hasValue(2);
    assertThat(whole.exactNanos()).isEqualTo(whole.lastNanos());
    assertThat(whole.lastNanos()).isEqualTo(exact().timeline().lastNanos());

    version.incrementAndGet(); // of another session
    assertThat(ask().sessions().getFirst().timeline()).isSameAs(whole);
    assertThat(readings).hasValue(2);
  }

  @Test
  void shouldReadAgainWhenNobodyLookedForLong() throws Exception {
    more();
    ask();
    session.quietFor(10 * RandomSession.TICK_NANOS);
    version.incrementAndGet();
    ask();
    assertThat(readings).hasValue(1); // nothing happened

    session.quietFor(10 * RandomSession.TICK_NANOS);
    more();
    nowNanos.addAndGet(1_000_000);
    assertIsAsOfNow(ask());
    assertThat(readings).hasValue(2);
  }

  @Test
  void shouldDrawOnCoarselyWhenTheEventsHaveJustBeenRead() throws Exception {
    more();
    ask();
    session.quietFor(10 * RandomSession.TICK_NANOS);
    more();

    assertIsAsOfNow(ask());
    assertThat(readings).hasValue(1);
  }

  @Test
  void shouldReadAgainWhenTheStateWasForgottenInPart() throws Exception {
    more();
    more();
    ask();
    forgotten = 5;
    more();
    nowNanos.addAndGet(1_000_000);

    assertIsAsOfNow(ask());
    assertThat(readings).hasValue(2);
  }

  @Test
  void shouldAddNothingOfAStateThatWasAskedBeforeTheEventsWereRead() throws Exception {
    more();
    Readings.State before = stateNow();
    more();
    Reading read = ask();
    early = before;
    version.incrementAndGet();
    nowNanos.addAndGet(1_000_000);

    assertThat(ask()).isSameAs(read);
    assertThat(readings).hasValue(1);

    early = null;
    more();
    assertIsAsOfNow(ask());
    assertThat(readings).hasValue(1);
  }

  @Test
  void shouldReadNowAndThenWhereNoStateIsKnown() throws Exception {
    isStateKnown = false;
    more();
    Reading first = ask();
    more();
    assertThat(ask()).isSameAs(first);
    nowNanos.addAndGet(100_000);
    more();
    assertIsAsOfNow(ask());
    assertThat(readings).hasValue(2);

    more();
    ask(); // an old answer, behind which nothing more is recorded
    nowNanos.addAndGet(100_000);
    assertIsAsOfNow(ask());
    assertIsAsOfNow(ask());
    assertThat(readings).hasValue(3);
  }

  @Test
  void shouldSayWhyItCannotAndTryAgain() throws Exception {
    LiveTimelines broken =
        new LiveTimelines(
            new LiveTimelines.Source() {
              @Override
              public Object version() {
                return 1;
              }

              @Override
              public Reading read(Asked asked) {
                if (readings.incrementAndGet() == 1) {
                  throw new TooCostlyException("too large");
                }
                return exact().reading();
              }

              @Override
              public Readings.State state(Asked asked) {
                return null;
              }
            },
            nowNanos::incrementAndGet);

    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> broken.of(WHOLE)))
        .isInstanceOf(TooCostlyException.class);
    assertThat(broken.of(WHOLE).sessions()).hasSize(1);
  }
}
