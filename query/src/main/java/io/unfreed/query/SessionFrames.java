package io.unfreed.query;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.RecordExtents;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.topology.TopicSchemas;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Frames of sessions that are asked about again and again: what was read once is not read again,
 * and of the topic no more than it takes. Thread-safe.
 */
final class SessionFrames {
  private static final int MOST_SESSIONS = 8;

  /** One with more is read anew. */
  private static final int MOST_STACKS = 50_000;

  /** Clocks of hosts differ, and are set. */
  private static final long MARGIN_MILLIS = Duration.ofHours(1).toMillis();

  private static final class Known {
    final StackBook book = new StackBook();

    /** Where to read on, by partition; null before the topic was read. */
    Map<Integer, Long> next;

    boolean isWhole;
  }

  private final Map<String, Object> client;
  private final Map<String, Known> kept = new LinkedHashMap<>(16, 0.75f, true);

  SessionFrames(Map<String, Object> client) {
    this.client = client;
  }

  /**
   * The frames of a session's stacks, as far as anybody published them.
   *
   * @param extents where the session's own are; null when nobody said it
   * @param sinceMillis before this moment it published none; null when that is not known
   */
  synchronized StackBook of(
      String session, RecordExtents extents, Long sinceMillis, Set<StackId> wanted) {
    Known known = kept.computeIfAbsent(session, id -> new Known());
    if (!hasAll(known, wanted)) {
      try (TopicReader reader = new TopicReader(client, Topics.STACKS)) {
        read(reader, known, extents, sinceMillis, wanted);
      }
    }
    if (known.book.size() > MOST_STACKS) {
      kept.remove(session);
    } else if (kept.size() > MOST_SESSIONS) {
      kept.remove(kept.keySet().iterator().next());
    }
    return known.book;
  }

  private void read(
      TopicReader reader,
      Known known,
      RecordExtents extents,
      Long sinceMillis,
      Set<StackId> wanted) {
    Map<Integer, TopicReader.Range> retained = reader.retained();
    if (known.next == null && extents != null) {
      read(reader, own(extents, retained), known.book);
      if (hasAll(known, wanted)) {
        return;
      }
    }
    if (known.next == null) {
      known.next = sinceMillis == null ? new TreeMap<>() : since(reader, sinceMillis, retained);
      known.isWhole = sinceMillis == null;
    }
    read(reader, from(known.next, retained), known.book);
    retained.forEach((partition, range) -> known.next.put(partition, range.before()));
    if (!known.isWhole && !hasAll(known, wanted)) {
      read(reader, retained, known.book);
      known.isWhole = true;
    }
  }

  private static boolean hasAll(Known known, Set<StackId> wanted) {
    return wanted.stream().allMatch(known.book::isNamed);
  }

  private static Map<Integer, TopicReader.Range> own(
      RecordExtents extents, Map<Integer, TopicReader.Range> retained) {
    Map<Integer, TopicReader.Range> own = new TreeMap<>();
    extents
        .stacks()
        .forEach((partition, extent) -> {
          TopicReader.Range all = retained.get(partition);
          if (all != null) {
            own.put(partition, all.within(extent.first(), extent.last() + 1));
          }
        });
    return own;
  }

  private static Map<Integer, Long> since(
      TopicReader reader, long sinceMillis, Map<Integer, TopicReader.Range> retained) {
    Map<Integer, Long> since = new TreeMap<>();
    retained.forEach((partition, range) -> since.put(partition, range.before()));
    since.putAll(reader.offsetsAt(Math.max(0, sinceMillis - MARGIN_MILLIS)));
    return since;
  }

  private static Map<Integer, TopicReader.Range> from(
      Map<Integer, Long> next, Map<Integer, TopicReader.Range> retained) {
    Map<Integer, TopicReader.Range> ranges = new TreeMap<>();
    retained.forEach((partition, range) ->
        ranges.put(
            partition, range.within(next.getOrDefault(partition, range.from()), range.before())));
    return ranges;
  }

  private void read(TopicReader reader, Map<Integer, TopicReader.Range> ranges, StackBook book) {
    RecordCodec<CallStack> codec = RecordCodec.callStacks(new TopicSchemas(client));
    reader.read(
        ranges,
        record -> {
          if (record.value() == null) {
            return; // forgotten
          }
          try {
            CallStack stack = codec.decode(record.value());
            RecordKeys.check(record.key(), stack);
            book.add(stack);
          } catch (MalformedBatchException e) {
            // Whoever reads the events is told of it.
          }
        });
  }
}
