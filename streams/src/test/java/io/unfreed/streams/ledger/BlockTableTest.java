package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** The table against a HashMap, with the addresses that allocators give out and worse ones. */
class BlockTableTest {
  private record Block(long timeNanos, long sizeBytes, int site) {}

  private static final Map<String, LongUnaryOperator> ADDRESSES =
      Map.of(
          "heap, 16 apart", i -> 0x5555_5555_0000L + 16 * i,
          "8-aligned, few bits", i -> 8 * (i % 97),
          "page frame numbers", i -> i,
          "pages", i -> 0x7fff_0000_0000L + 4096 * i,
          "huge pages", i -> 0x7f00_0000_0000L + (i << 21),
          "kernel", i -> 0xffff_8880_0000_0000L + 64 * i,
          "around -1", i -> -1 - i % 1000,
          "around 0", i -> i % 1000 - 500,
          "one bit each", i -> 1L << i % 64,
          "scattered", i -> i * 0xD134_2543_DE82_EF95L);

  private final BlockTable table = new BlockTable();
  private final CacheTouch touch = new CacheTouch();
  private final Map<Long, Block> expected = new HashMap<>();

  @Test
  void shouldHoldWhatAHashMapHoldsWhenOperationsAreRandom() {
    ADDRESSES.forEach((name, addresses) -> {
      table.clear();
      expected.clear();
      Random random = new Random(name.hashCode());
      int[] bounds = {10, 100_000, 50, 100_000, 3};
      for (int bound : bounds) {
        for (int i = 0; i < 40_000; i++) {
          long address = addresses.applyAsLong(random.nextInt(bound));
          if (random.nextInt(100) < (bound > 1000 ? 70 : 40)) {
            put(random, address);
          } else {
            remove(name, address);
          }
        }
        checkAll(name);
      }
    });
  }

  @Test
  void shouldHoldAMillionBlocksWhenItGrowsAndEmptyAgainWhenAllAreRemoved() {
    for (String name : List.of("heap, 16 apart", "kernel", "page frame numbers", "huge pages")) {
      LongUnaryOperator addresses = ADDRESSES.get(name);
      table.clear();
      for (int i = 0; i < 1_000_000; i++) {
        assertThat(table.claim(addresses.applyAsLong(i))).isTrue();
        table.set(i, i, i);
      }
      for (int i = 999_999; i >= 0; i--) {
        if (!table.find(addresses.applyAsLong(i)) || table.timeNanos() != i || table.site() != i) {
          throw new AssertionError(name + ": block " + i);
        }
        table.remove();
      }
      assertThat(table.size()).isZero();
      checkAll(name);
    }
  }

  @Test
  void shouldStayAsItIsWhenAddressesAreTouched() {
    ADDRESSES.forEach((name, addresses) -> {
      table.clear();
      expected.clear();
      Random random = new Random(name.hashCode());
      for (int i = 0; i < 30_000; i++) {
        put(random, addresses.applyAsLong(random.nextInt(20_000)));
        remove(name, addresses.applyAsLong(random.nextInt(20_000)));
        if (i % 100 == 0) {
          long[] ahead = random.longs(100, 0, 30_000).map(addresses).toArray();
          var _ = touch.blocks(table, ahead, i % 101) + touch.places(table, ahead, i % 101);
        }
      }
      checkAll(name);
    });
  }

  @Test
  void shouldTreatTheLastAddressAsAnyOtherWhenItIsAllocated() {
    assertThat(table.find(-1)).isFalse();
    assertThat(table.claim(-1)).isTrue();
    table.set(5, 1L << 40, 7);
    assertThat(table.claim(-1)).isFalse();
    assertThat(table.find(-1)).isTrue();
    assertThat(table.sizeBytes()).isEqualTo(1L << 40);
    assertThat(table.timeNanos()).isEqualTo(5);
    assertThat(table.site()).isEqualTo(7);
    assertThat(table.size()).isEqualTo(1);
    table.remove();
    assertThat(table.find(-1)).isFalse();
    assertThat(table.size()).isZero();
  }

  @Test
  void shouldGiveBackTheSizeWhenItNeedsMoreThan32Bits() {
    for (long size :
        new long[] {0, 0xFFFF_FFFEL, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE, -1}) {
      table.claim(64);
      table.set(1, size, 3);
      assertThat(table.find(64)).isTrue();
      assertThat(table.sizeBytes()).isEqualTo(size);
      assertThat(table.site()).isEqualTo(3);
    }
  }

  /** The hash that every table of the first version had. */
  @Test
  void shouldKeepTheDirectorySmallWhenAddressesAreCraftedAgainstAHashWithoutSalt() {
    CraftedAddresses crafted = new CraftedAddresses(new BlockHash(0, 0xBF58_476D_1CE4_E5B9L));
    for (int i = 0; i < 20_000; i++) {
      put(new Random(i), crafted.address(i));
    }
    assertThat(table.depth()).isLessThanOrEqualTo(4);
    checkAll("crafted");
  }

  @Test
  void shouldKeepTheDirectorySmallWhenTheAdversaryKnowsTheSalt() {
    Random salts = new Random(11);
    List<BlockHash> drawn = new ArrayList<>();
    BlockTable known =
        new BlockTable(() -> {
          drawn.add(new BlockHash(salts.nextLong(), salts.nextLong() | 1));
          return drawn.getLast();
        });
    CraftedAddresses crafted = new CraftedAddresses(drawn.getFirst());
    for (int i = 0; i < 100_000; i++) {
      known.claim(crafted.address(i));
      known.set(i, i, i);
      assertThat(known.depth()).isLessThanOrEqualTo(12);
    }
    for (int i = 0; i < 100_000; i++) {
      assertThat(known.find(crafted.address(i)) && known.timeNanos() == i).isTrue();
    }
    assertThat(known.size()).isEqualTo(100_000);
    assertThat(drawn).hasSizeBetween(2, 3);
    System.out.printf("crafted against a known salt: depth %d%n", known.depth());
  }

  @Test
  void shouldHoldTheSameWhenItIsTrimmed() {
    ADDRESSES.forEach((name, addresses) -> {
      table.clear();
      expected.clear();
      Random random = new Random(name.hashCode());
      for (int i = 0; i < 60_000; i++) {
        put(random, addresses.applyAsLong(i));
      }
      for (int i = 0; i < 60_000; i++) {
        if (i % 50 != 0) {
          remove(name, addresses.applyAsLong(i));
        }
        if (i % 1000 == 0) {
          table.trim();
        }
      }
      checkAll(name);
    });
  }

  @Test
  void shouldGiveTheMemoryBackWhenNothingIsOutstandingAnyMore() {
    for (int i = 0; i < 300_000; i++) {
      table.claim(16L * i);
      table.set(i, 24, 1);
    }
    for (int i = 0; i < 300_000; i++) {
      table.find(16L * i);
      table.remove();
    }
    table.trim();
    assertThat(table.rowRoom()).isZero();
    assertThat(table.depth()).isZero();
  }

  @Test
  void shouldTakeNoRoomBeforeTheFirstBlock() {
    assertThat(table.rowRoom()).isZero();
    assertThat(table.find(64)).isFalse();
  }

  /** The figure of docs/decisions/ledger-layout.md: 32 bytes per block at 10 million. */
  @Test
  void shouldNeedAtMost32BytesPerBlockWhenTenMillionAreOutstanding() {
    for (String name : List.of("heap, 16 apart", "kernel", "scattered")) {
      table.clear();
      long empty = usedBytes();
      for (int i = 0; i < 10_000_000; i++) {
        table.claim(ADDRESSES.get(name).applyAsLong(i));
        table.set(i, 24, 1);
      }
      double perBlock = (usedBytes() - empty) / 1e7;
      System.out.printf("%s: %.2f bytes per block at 10 million%n", name, perBlock);
      assertThat(perBlock).as(name).isLessThanOrEqualTo(32);
    }
  }

  private void put(Random random, long address) {
    long size = random.nextInt(20) == 0 ? random.nextLong() >>> 1 : random.nextInt(1 << 20);
    Block block = new Block(random.nextLong(), size, random.nextInt(1 << 30));
    assertThat(table.claim(address)).isEqualTo(!expected.containsKey(address));
    table.set(block.timeNanos(), block.sizeBytes(), block.site());
    expected.put(address, block);
  }

  private void remove(String name, long address) {
    Block block = expected.remove(address);
    boolean found = table.find(address);
    assertThat(found).as("%s: %x", name, address).isEqualTo(block != null);
    if (found) {
      assertThat(table.address()).isEqualTo(address);
      assertThat(current()).isEqualTo(block);
      table.remove();
    }
  }

  private Block current() {
    return new Block(table.timeNanos(), table.sizeBytes(), table.site());
  }

  private void checkAll(String name) {
    assertThat(table.size()).as(name).isEqualTo(expected.size());
    List<Block> seen = new ArrayList<>();
    table.forEach((address, time, size, site) -> seen.add(new Block(time, size, site)));
    assertThat(counts(seen)).as(name).isEqualTo(counts(expected.values()));
    expected.forEach((address, block) -> {
      assertThat(table.find(address)).as(name).isTrue();
      assertThat(current()).as(name).isEqualTo(block);
    });
  }

  private static Map<Block, Integer> counts(Iterable<Block> blocks) {
    Map<Block, Integer> counts = new HashMap<>();
    blocks.forEach(block -> counts.merge(block, 1, Integer::sum));
    return counts;
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
