package io.unfreed.server.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.query.AskedBlocks;
import io.unfreed.query.AskedMoment;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.streams.ledger.SizeRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How often events are read, whoever asks. */
class ReadingsTest {
  private static final AskedBlocks NO_BLOCKS = new AskedBlocks(null, null, null, null, null);

  private final CountDownLatch goOn = new CountDownLatch(1);
  private Object version = "first";
  private boolean isBroken;
  private final AtomicInteger catalogues = new AtomicInteger();
  private boolean hasCatalogue;

  private final Archive archive =
      new Archive() {
        @Override
        public List<Session> sessions() {
          if (!hasCatalogue) {
            return null;
          }
          catalogues.incrementAndGet();
          try {
            goOn.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return List.of();
        }

        @Override
        public void copyTo(String session, LedgerSink ledger) throws IOException {
          try {
            goOn.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          if (isBroken) {
            throw new IOException("broken");
          }
          for (String id : List.of("abc", "xyz")) {
            ledger.session(
                Session.newBuilder()
                    .setSessionId(id)
                    .setSource(Source.EBPF)
                    .setTickNanos(5_000_000_000L)
                    .build());
          }
        }

        @Override
        public Reading now(String session) {
          throw new TooCostlyException("the state is too large");
        }

        @Override
        public Object version() {
          return version;
        }
      };

  private final Readings readings = new Readings(archive);

  @Test
  void shouldReadOnceWhenManyAskTheSame() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Reading>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(threads.submit(() -> readings.of(asked(null, null, NO_BLOCKS))));
      }
      goOn.countDown();
      for (Future<Reading> answer : answers) {
        assertThat(answer.get().sessions()).hasSize(2);
      }
    }
    assertThat(readings.passes()).isEqualTo(1);
  }

  @Test
  void shouldListTheSessionsOnceForAllWhoAskUntilThereIsMore() throws Exception {
    hasCatalogue = true;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Session>>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(threads.submit(() -> readings.sessions(asked(null, null, NO_BLOCKS))));
      }
      goOn.countDown();
      for (Future<List<Session>> answer : answers) {
        assertThat(answer.get()).isEmpty();
      }
    }
    assertThat(catalogues).hasValue(1);
    version = "second";
    readings.sessions(asked(null, null, NO_BLOCKS));
    assertThat(catalogues).hasValue(2);
  }

  @Test
  void shouldFindASessionInThePassOverAll() throws Exception {
    goOn.countDown();
    readings.of(asked(null, null, NO_BLOCKS));

    assertThat(readings.of(asked("x", null, NO_BLOCKS)).sessions())
        .singleElement()
        .satisfies(one -> assertThat(one.session().getSessionId()).isEqualTo("xyz"));
    assertThat(readings.passes()).isEqualTo(1);
    assertThatThrownBy(() -> readings.of(asked("nowhere", null, NO_BLOCKS)))
        .isInstanceOf(UsageException.class);
  }

  @Test
  void shouldFindTheReportsOfAMomentWhereItsBlocksWereAsked() throws Exception {
    goOn.countDown();
    AskedBlocks born = new AskedBlocks("+1s..+2s", null, null, null, null);
    readings.ofBlocks(asked("abc", "+2s", born));

    readings.of(asked("abc", "+2s", NO_BLOCKS));
    assertThat(readings.passes()).isEqualTo(1);
    readings.of(asked("abc", "+3s", NO_BLOCKS));
    assertThat(readings.passes()).isEqualTo(2);
  }

  @Test
  void shouldGroupAndFilterWithoutReadingAgain() throws Exception {
    goOn.countDown();
    readings.ofBlocks(asked("abc", null, new AskedBlocks("+1s..", null, null, null, null)));
    readings.ofBlocks(asked("abc", null, new AskedBlocks("+1s..", null, "module", "f*", null)));
    assertThat(readings.passes()).isEqualTo(1);
    readings.ofBlocks(asked("abc", null, new AskedBlocks("+1s..", null, "thread", null, null)));
    assertThat(readings.passes()).isEqualTo(2);
  }

  @Test
  void shouldReadAgainWhenThereIsMoreOrItFailed() throws Exception {
    goOn.countDown();
    readings.of(asked(null, null, NO_BLOCKS));
    version = "second";
    readings.of(asked(null, null, NO_BLOCKS));
    assertThat(readings.passes()).isEqualTo(2);

    version = "third";
    isBroken = true;
    assertThatThrownBy(() -> readings.of(asked(null, null, NO_BLOCKS)))
        .isInstanceOf(IOException.class);
    isBroken = false;
    assertThat(readings.of(asked(null, null, NO_BLOCKS)).sessions()).hasSize(2);
  }

  @Test
  void shouldReadTheEventsWhenTheAnswerFromTheStateTakesTooMuchMemory() throws Exception {
    goOn.countDown();
    assertThat(readings.now(asked("abc", null, NO_BLOCKS), false).sessions()).isNotEmpty();
    assertThat(readings.passes()).isEqualTo(1);
  }

  private static Asked asked(String session, String at, AskedBlocks blocks) {
    return new Asked(session, new AskedMoment(at, 0, SizeRange.ALL, null), blocks, null);
  }
}
