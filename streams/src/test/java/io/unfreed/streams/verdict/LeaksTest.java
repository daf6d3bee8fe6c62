package io.unfreed.streams.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ten minutes of a service that serves requests, and which leaks are told apart in it. */
class LeaksTest {
  private static final double SPAN = Recorded.SPAN;
  private static final double NEVER = Recorded.NEVER;

  private final Random random = new Random(815);
  private final Recorded recorded = new Recorded();

  private void leak(double perSecond, String... functions) {
    recorded.stack(functions);
    recorded.blocks.arrivals(random, perSecond, 0, SPAN, t -> recorded.blocks.block(t, 64, NEVER));
  }

  private void churn(double perSecond, String... functions) {
    recorded.stack(functions);
    recorded.blocks.arrivals(
        random, perSecond, 0, SPAN, t -> recorded.blocks.block(t, 64, t + random.nextDouble()));
  }

  private void serve() {
    churn(20, "xmalloc", "parse", "serve", "main");
    recorded.stack("xmalloc", "settings", "main");
    for (int i = 0; i < 300; i++) {
      recorded.blocks.block(random.nextDouble(), 100, NEVER);
    }
  }

  @Test
  void shouldBeOneLeakWhenEachOfItsStacksTellsTooLittle() {
    serve();
    for (int op = 0; op < 200; op++) {
      leak(4 / SPAN, "xmalloc", "buffer", "op" + op, "serve", "main");
    }

    List<Leak> leaks = recorded.leaks();

    assertThat(leaks).hasSize(1);
    assertThat(leaks.getFirst().function()).isEqualTo("buffer");
    assertThat(leaks.getFirst().stacks().size()).isGreaterThan(190);
    assertThat(leaks.getFirst().verdict().confidence()).isEqualTo(0.6);
  }

  @Test
  void shouldBeOneLeakAtTheCommonCallerWhenEachOfItsStacksTellsEnough() {
    serve();
    for (int op = 0; op < 20; op++) {
      leak(0.5, "xmalloc", "op" + op, "dispatch", "serve", "main");
    }

    List<Leak> leaks = recorded.leaks();

    assertThat(leaks).hasSize(1);
    assertThat(leaks.getFirst().function()).isEqualTo("dispatch");
    assertThat(leaks.getFirst().stacks()).hasSize(20);
  }

  @Test
  void shouldBeOneLeakWhenSurvivorsKeepOneRatioInEverySlot() {
    serve();
    int name = recorded.stack("strdup", "conn_name", "conn_open", "serve", "main");
    int conn = recorded.stack("xmalloc", "conn_open", "serve", "main");
    recorded.blocks.arrivals(
        random,
        1,
        0,
        SPAN,
        t -> {
          recorded.blocks.stack(conn);
          recorded.blocks.block(t, 500, NEVER);
          recorded.blocks.stack(name);
          recorded.blocks.block(t, 20, NEVER);
        });

    List<Leak> leaks = recorded.leaks();

    assertThat(leaks).hasSize(1);
    assertThat(leaks.getFirst().function()).isEqualTo("conn_open");
    assertThat(leaks.getFirst().stacks()).containsExactly(name, conn);
    assertThat(leaks.getFirst().verdict().growth().bytesPerSecond()).isBetween(450.0, 590.0);
  }

  @Test
  void shouldBeTwoLeaksWhenTheyKnowNothingOfEachOther() {
    serve();
    leak(1, "xmalloc", "conn_open", "serve", "main");
    leak(2, "xmalloc", "log_line", "log", "main");

    assertThat(recorded.leaks())
        .extracting(Leak::function)
        .containsExactly("log_line", "conn_open");
  }

  @Test
  void shouldBeNoLeakWhenTogetherFewerAndFewerStay() {
    serve();
    for (int op = 0; op < 200; op++) {
      recorded.stack("xmalloc", "intern", "op" + op, "serve", "main");
      double at = -SPAN / 8 * Math.log(1 - random.nextDouble());
      recorded.blocks.block(at, 64, NEVER);
    }

    assertThat(recorded.leaks()).isEmpty();
  }

  /** As sqlite3 does: all goes through one function, most stacks have a block from the start. */
  @Test
  void shouldNotJoinWhatAllocatedOnceToWhatLeaks() {
    leak(1, "malloc_of_all", "page_new", "serve", "main");
    leak(0.5, "malloc_of_all", "page_new", "fetch", "serve", "main");
    for (int i = 0; i < 90; i++) {
      recorded.stack("malloc_of_all", "register" + i, "init", "main");
      for (int k = 0; k <= i % 3; k++) {
        recorded.blocks.block(random.nextDouble(), 100, NEVER);
      }
    }

    List<Leak> leaks = recorded.leaks();

    assertThat(leaks).hasSize(1);
    assertThat(leaks.getFirst().stacks()).containsExactly(0, 1);
    assertThat(leaks.getFirst().function()).isEqualTo("page_new");
  }

  /** Eight of ten blocks are freed at once, so that no cache looks the same. */
  private void leakOfChurn(int number) {
    recorded.stack("keep" + number, "build" + number);
    double perSecond = 2 + number * 0.7;
    recorded.blocks.arrivals(
        random,
        perSecond,
        0,
        SPAN,
        t -> recorded.blocks.block(t, 64, random.nextInt(10) < 8 ? t + 0.1 : NEVER));
  }

  @Test
  void shouldBeSureOfAFewLeaksButNotOfManyAtOnceInTheFirstMinutes() {
    for (int i = 0; i < 6; i++) {
      leakOfChurn(i);
    }
    assertThat(recorded.leaks())
        .hasSizeGreaterThanOrEqualTo(4)
        .allMatch(leak -> leak.verdict().confidence() > 0.9);

    for (int i = 6; i < 30; i++) {
      leakOfChurn(i);
    }
    assertThat(recorded.leaksOfClock(SPAN * 1e9 / (Starting.MOST_SECONDS - 1)))
        .hasSizeGreaterThan(Leaks.MOST_AT_ONCE)
        .allMatch(leak -> leak.verdict().confidence() <= 0.6);
    assertThat(recorded.leaks())
        .hasSizeGreaterThan(Leaks.MOST_AT_ONCE)
        .allMatch(leak -> leak.verdict().confidence() > 0.9);
  }

  @Test
  void shouldNameTheAllocatingFunctionWhenItsOnlyStackLeaks() {
    leak(1, "keep", "main");

    Leak leak = recorded.leaks().getFirst();

    assertThat(leak.function()).isEqualTo("keep");
    assertThat(leak.stacks()).containsExactly(0);
  }

  @Test
  void shouldFindTheSameWhenRecursionGoesDeep() {
    String[] deep = IntStream.range(0, 5000).mapToObj(i -> "walk" + i % 3).toArray(String[]::new);
    leak(1, deep);

    assertThat(recorded.leaks()).hasSize(1);
  }
}
