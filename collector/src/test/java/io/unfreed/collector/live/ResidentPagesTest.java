package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResidentPagesTest {
  private static final int ONE = 11;
  private static final int OTHER = 12;

  private final List<String> changes = new ArrayList<>();
  private final ResidentPages pages = new ResidentPages(new PageMemory(Long.MAX_VALUE));
  private final ResidentPages.Changes told =
      new ResidentPages.Changes() {
        @Override
        public void gone(long page) {
          changes.add("-" + page);
        }

        @Override
        public void came(long page, int stack) {
          changes.add("+" + page + "/" + stack);
        }
      };

  @Test
  void shouldFreeThePagesOfARangeWhenItWasUnmapped() {
    fault(100, 103, 105);
    pages.begin(ONE, 101, 4, told);
    assertThat(changes).isEmpty();
    pages.released(ONE, told);
    assertThat(changes).containsExactly("-103");
    pages.drop(0, 1000, told);
    assertThat(changes).containsExactly("-103", "-100", "-105");
  }

  @Test
  void shouldKeepThePagesWhenTheCallFailed() {
    fault(100, 101);
    pages.begin(ONE, 100, 2, told);
    pages.failed(ONE);
    pages.drop(101, 1, told);
    assertThat(changes).containsExactly("-101");
  }

  @Test
  void shouldTakePagesAlongWithTheirStackWhenAMappingIsMoved() {
    pages.fault(ONE, 100, 7, told);
    pages.fault(ONE, 102, 8, told);
    pages.begin(ONE, 100, 3, told);
    pages.moved(ONE, 500, 2, told);
    assertThat(changes).containsExactly("-100", "+500/7", "-102");
    pages.drop(500, 2, told);
    assertThat(changes).endsWith("-500").hasSize(4);
  }

  @Test
  void shouldLeaveThePagesWhereTheyAreWhenAMappingGrowsOrShrinksInItsPlace() {
    fault(100, 101);
    pages.begin(ONE, 100, 2, told);
    pages.moved(ONE, 100, 9, told);
    assertThat(changes).isEmpty();
    pages.begin(ONE, 100, 9, told);
    pages.moved(ONE, 100, 1, told);
    assertThat(changes).containsExactly("-101");
  }

  @Test
  void shouldKeepWhatAnotherThreadTouchesWhileAMappingGrowsInItsPlace() {
    fault(100);
    pages.begin(ONE, 100, 1, told);
    pages.fault(OTHER, 101, 9, told);
    pages.moved(ONE, 100, 9, told);
    assertThat(changes).isEmpty();
    pages.drop(101, 1, told);
    assertThat(changes).containsExactly("-101");
  }

  @Test
  void shouldFreeTheOldPageFirstWhenAnotherThreadTouchesTheRangeBeforeTheCallsEnd() {
    fault(100);
    pages.begin(ONE, 100, 1, told);
    pages.fault(OTHER, 100, 9, told);
    assertThat(changes).containsExactly("-100");
    pages.released(ONE, told);
    assertThat(changes).hasSize(1);
    pages.drop(100, 1, told);
    assertThat(changes).containsExactly("-100", "-100");
  }

  @Test
  void shouldCountACallWhoseEndWasLostAsOneThatReleased() {
    fault(100, 200);
    pages.begin(ONE, 100, 1, told);
    pages.begin(ONE, 200, 1, told);
    assertThat(changes).containsExactly("-100");
    pages.fault(ONE, 300, 0, told);
    assertThat(changes).containsExactly("-100", "-200");
  }

  @Test
  void shouldKnowNoMorePagesThanItHasRoomForAndNewOnesAgainWhenSomeAreGone() {
    PageMemory memory = new PageMemory(10_000);
    ResidentPages few = new ResidentPages(memory);
    long known = 0;
    while (few.fault(ONE, known * 1000, 0, told)) {
      known++;
    }
    assertThat(known).isBetween(50L, 150L);
    assertThat(memory.usedBytes()).isBetween(10_000L, 10_200L);
    assertThat(few.fault(ONE, 0, 0, told)).as("of a page that is known").isTrue();

    few.drop(0, (known + 10) * 1000, told);
    assertThat(changes).as("the one that found no room is not told").hasSize((int) known);
    assertThat(few.fault(ONE, 7, 0, told)).isTrue();
    few.begin(ONE, 0, 10, told);
    few.clear();
    assertThat(memory.usedBytes()).isZero();
  }

  @Test
  void shouldTakeLittleMemoryForAPageAmongOthers() {
    PageMemory memory = new PageMemory(Long.MAX_VALUE);
    ResidentPages many = new ResidentPages(memory);
    for (long page = 0; page < 1 << 20; page++) {
      many.fault(ONE, 77 + page, 0, told);
    }
    assertThat(memory.usedBytes()).isLessThan(6 << 20);
    many.drop(0, Long.MAX_VALUE >>> 12, told);
    assertThat(changes).hasSize(1 << 20);
    assertThat(memory.usedBytes()).isZero();
  }

  private void fault(long... numbers) {
    for (long number : numbers) {
      pages.fault(ONE, number, 0, told);
    }
  }
}
