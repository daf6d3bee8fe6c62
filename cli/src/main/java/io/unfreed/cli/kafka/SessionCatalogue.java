package io.unfreed.cli.kafka;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The sessions of a cluster, oldest first. */
public final class SessionCatalogue {
  private record Known(Session session, long timestamp) {}

  private SessionCatalogue() {}

  /** Reads the topic; records that are no sessions are told to {@code foreign}. */
  public static List<Session> read(
      Map<String, Object> client, java.util.function.Consumer<String> foreign) {
    RecordCodec<Session> codec = RecordCodec.sessions();
    Map<String, Known> known = new TreeMap<>();
    try (TopicReader reader = new TopicReader(client, Topics.SESSIONS)) {
      reader.readToEnd(record -> {
        try {
          Session session = codec.decode(record.value());
          Known before = known.get(session.getSessionId());
          long first = before == null ? record.timestamp() : before.timestamp();
          known.put(session.getSessionId(), new Known(session, first));
        } catch (MalformedBatchException e) {
          foreign.accept(TopicReader.place(record) + ": " + e.getMessage());
        }
      });
    }
    List<Known> all = new ArrayList<>(known.values());
    all.sort(Comparator.comparingLong(Known::timestamp));
    return all.stream().map(Known::session).toList();
  }
}
