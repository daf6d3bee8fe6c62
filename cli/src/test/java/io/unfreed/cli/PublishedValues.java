package io.unfreed.cli;

import io.unfreed.query.TopicReader;
import io.unfreed.schemas.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Values of a topic by key, in order, as hex: for comparing them byte by byte. */
final class PublishedValues {
  private PublishedValues() {}

  static Map<String, List<String>> of(BrokerAccess access, Topics topic) {
    Map<String, List<String>> values = new TreeMap<>();
    try (TopicReader reader = new TopicReader(access.client(), topic)) {
      reader.readToEnd(record ->
          values
              .computeIfAbsent(
                  record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8),
                  k -> new ArrayList<>())
              .add(HexFormat.of().formatHex(record.value())));
    }
    return values;
  }

  /** The partitions in which each key is. */
  static Map<String, Set<Integer>> placesOf(BrokerAccess access, Topics topic) {
    Map<String, Set<Integer>> places = new TreeMap<>();
    try (TopicReader reader = new TopicReader(access.client(), topic)) {
      reader.readToEnd(record ->
          places
              .computeIfAbsent(
                  new String(record.key(), StandardCharsets.UTF_8), k -> new TreeSet<>())
              .add(record.partition()));
    }
    return places;
  }

  static int count(BrokerAccess access, Topics topic) {
    return of(access, topic).values().stream().mapToInt(List::size).sum();
  }
}
