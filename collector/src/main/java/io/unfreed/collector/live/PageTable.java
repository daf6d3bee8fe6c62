package io.unfreed.collector.live;

import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Pages by number with the stacks that made them resident. Of memory that is touched from one end
 * to the other a page takes 6 bytes, of a page without neighbours some 110. Used by one thread.
 */
final class PageTable {
  private static final int CHUNK_SHIFT = Integer.numberOfTrailingZeros(PageChunk.PAGES);

  /** A node of the tree and its key. */
  private static final int NODE_BYTES = 40 + 24;

  /** Hears of pages in ascending order. */
  interface Visitor {
    void page(long page, int stack);
  }

  private final NavigableMap<Long, PageChunk> chunks = new TreeMap<>();
  private final PageMemory memory;

  PageTable(PageMemory memory) {
    this.memory = memory;
  }

  boolean has(long page) {
    PageChunk chunk = chunks.get(page >>> CHUNK_SHIFT);
    return chunk != null && chunk.has(at(page));
  }

  /** Whether there is room or not. */
  void put(long page, int stack) {
    PageChunk chunk = chunks.get(page >>> CHUNK_SHIFT);
    if (chunk == null) {
      chunk = new PageChunk();
      add(page >>> CHUNK_SHIFT, chunk);
    }
    long before = chunk.bytes();
    chunk.put(at(page), stack);
    memory.add(chunk.bytes() - before);
  }

  /** Whether it was there. */
  boolean remove(long page) {
    if (!has(page)) {
      return false;
    }
    take(page, 1).clear();
    return true;
  }

  /** Takes a range out; what was there is in the answer. */
  PageTable take(long start, long pages) {
    PageTable taken = new PageTable(memory);
    long end = start + pages;
    if (pages <= 0) {
      return taken;
    }
    Iterator<Map.Entry<Long, PageChunk>> inside =
        chunks
            .subMap(start >>> CHUNK_SHIFT, true, (end - 1) >>> CHUNK_SHIFT, true)
            .entrySet()
            .iterator();
    while (inside.hasNext()) {
      Map.Entry<Long, PageChunk> entry = inside.next();
      long number = entry.getKey();
      PageChunk chunk = entry.getValue();
      long first = number << CHUNK_SHIFT;
      long before = chunk.bytes();
      PageChunk part =
          chunk.take(
              PageChunk.mask(
                  (int) Math.max(0, start - first), (int) Math.min(PageChunk.PAGES, end - first)));
      memory.add(chunk.bytes() - before);
      if (!part.isEmpty()) {
        taken.add(number, part);
      }
      if (chunk.isEmpty()) {
        inside.remove();
        memory.add(-NODE_BYTES - chunk.bytes());
      }
    }
    return taken;
  }

  void forEach(Visitor visitor) {
    chunks.forEach((number, chunk) ->
        chunk.forEach((at, stack) -> visitor.page((number << CHUNK_SHIFT) + at, stack)));
  }

  /** Nothing is there any more. */
  void clear() {
    chunks.values().forEach(chunk -> memory.add(-NODE_BYTES - chunk.bytes()));
    chunks.clear();
  }

  private void add(long number, PageChunk chunk) {
    chunks.put(number, chunk);
    memory.add(NODE_BYTES + chunk.bytes());
  }

  private static int at(long page) {
    return (int) (page & (PageChunk.PAGES - 1));
  }
}
