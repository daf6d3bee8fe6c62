package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.live.RecordFilter.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What passes with sampling or size limits. */
class RecordFilterTest {
  private static final int TID = 7;
  private static final int OTHER = 8;

  private static RecordFilter sizes(long minBytes, long maxBytes) {
    return new RecordFilter(new RecordFilter.Sampling(minBytes, maxBytes, 1));
  }

  @Test
  void shouldTakeSizesWithinTheLimitsInclusively() {
    RecordFilter filter = sizes(16, 64);
    assertThat(filter.allocates(1, 15)).isFalse();
    assertThat(filter.allocates(2, 16)).isTrue();
    assertThat(filter.allocates(3, 64)).isTrue();
    assertThat(filter.allocates(4, 65)).isFalse();
    assertThat(filter.maps(4096)).isFalse();
  }

  @Test
  void shouldPickEveryNthCallOfThoseThatPassTheSizes() {
    RecordFilter filter = new RecordFilter(new RecordFilter.Sampling(16, 64, 3));
    List<Boolean> picked = new ArrayList<>();
    for (long address = 1; address <= 8; address++) {
      filter.allocates(100 + address, 8); // too small: not counted
      picked.add(filter.allocates(address, 32));
    }
    assertThat(picked).containsExactly(false, false, true, false, false, true, false, false);
  }

  @Test
  void shouldCountCallsOfAllImagesOfASessionTogether() {
    RecordFilter.Sampling sampling = new RecordFilter.Sampling(0, Long.MAX_VALUE, 2);
    RecordFilter one = new RecordFilter(sampling);
    RecordFilter two = new RecordFilter(sampling);
    assertThat(one.allocates(1, 1)).isFalse();
    assertThat(two.maps(4096)).isTrue();
    assertThat(two.frees(1)).isFalse();
  }

  @Test
  void shouldDropFreesOfBlocksThatAreNotRecorded() {
    RecordFilter filter = sizes(16, 64);
    filter.allocates(1, 32);
    filter.allocates(2, 8);
    assertThat(filter.frees(1)).isTrue();
    assertThat(filter.frees(1)).isFalse();
    assertThat(filter.frees(2)).isFalse();
    assertThat(filter.frees(3)).isFalse();
  }

  @Test
  void shouldForgetABlockWhoseAddressIsTakenByOneThatIsNotRecorded() {
    RecordFilter filter = sizes(16, 64);
    filter.allocates(1, 32);
    filter.allocates(1, 8); // its free was lost
    assertThat(filter.frees(1)).isFalse();
  }

  @Test
  void shouldTellWhatAResizeIsByWhetherOldAndNewAreRecorded() {
    RecordFilter filter = sizes(16, 64);
    filter.allocates(1, 32);
    filter.allocates(2, 8);

    assertThat(filter.intends(TID, 1)).isTrue();
    assertThat(filter.intends(OTHER, 2)).isFalse();
    assertThat(filter.resized(TID, 3, 48)).isEqualTo(Outcome.KEEP);
    assertThat(filter.resized(OTHER, 4, 48)).isEqualTo(Outcome.ALLOCATE);

    assertThat(filter.intends(TID, 3)).isTrue();
    assertThat(filter.resized(TID, 5, 100)).isEqualTo(Outcome.RELEASE_ONLY);
    assertThat(filter.intends(TID, 5)).isFalse();
    assertThat(filter.resized(TID, 6, 200)).isEqualTo(Outcome.DROP);

    assertThat(filter.intends(TID, 4)).isTrue();
    assertThat(filter.resized(TID, 0, 0)).isEqualTo(Outcome.RELEASE_ONLY);
    assertThat(filter.frees(4)).isFalse();
  }

  @Test
  void shouldKeepABlockWhoseResizeFailed() {
    RecordFilter filter = sizes(16, 64);
    filter.allocates(1, 32);
    filter.allocates(2, 8);
    filter.intends(TID, 1);
    assertThat(filter.failed(TID)).isTrue();
    filter.intends(TID, 2);
    assertThat(filter.failed(TID)).isFalse();
    assertThat(filter.failed(TID)).isFalse();
    assertThat(filter.frees(1)).isTrue();
    assertThat(filter.frees(2)).isFalse();
  }

  @Test
  void shouldLeaveWhatAPlainModelLeavesWhenCallsAreRandom() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int rate = 1 + random.nextInt(4);
    RecordFilter filter = new RecordFilter(new RecordFilter.Sampling(16, 256, rate));
    Map<Long, Boolean> heap = new HashMap<>(); // address to whether it is recorded
    long passing = 0;
    for (int call = 0; call < 200_000; call++) {
      long address = 16L * (1 + random.nextInt(500));
      long size = random.nextInt(300);
      String what = "seed " + seed + ", call " + call;
      Boolean recorded = heap.remove(address);
      if (recorded == null) {
        boolean passes = size >= 16 && size <= 256;
        boolean picked = passes && ++passing % rate == 0;
        assertThat(filter.allocates(address, size)).as(what).isEqualTo(picked);
        heap.put(address, picked);
      } else if (random.nextBoolean()) {
        assertThat(filter.frees(address)).as(what).isEqualTo(recorded);
      } else {
        int tid = random.nextInt(3);
        assertThat(filter.intends(tid, address)).as(what).isEqualTo(recorded);
        if (random.nextBoolean()) {
          assertThat(filter.failed(tid)).as(what).isEqualTo(recorded);
          heap.put(address, recorded);
        } else {
          boolean passes = size >= 16 && size <= 256;
          boolean picked = passes && ++passing % rate == 0;
          Outcome expected =
              recorded
                  ? (picked ? Outcome.KEEP : Outcome.RELEASE_ONLY)
                  : (picked ? Outcome.ALLOCATE : Outcome.DROP);
          assertThat(filter.resized(tid, address, size)).as(what).isEqualTo(expected);
          heap.put(address, picked);
        }
      }
    }
  }
}
