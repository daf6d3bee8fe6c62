package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.RecordKeys;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.topology.TopicSchemas;
import java.util.List;
import java.util.Map;

/** The sessions of a cluster, by the start of their recording, oldest first. */
public final class SessionCatalogue {
  private SessionCatalogue() {}

  /** Reads the topic, and tells in a line of records that are no sessions. */
  public static List<Session> read(Map<String, Object> client) {
    RecordCodec<Session> codec = RecordCodec.sessions(new TopicSchemas(client));
    KnownSessions known = new KnownSessions();
    ForeignRecords foreign = new ForeignRecords();
    try (TopicReader reader = new TopicReader(client, Topics.SESSIONS)) {
      reader.readToEnd(record -> {
        try {
          Session session = codec.decode(record.value());
          RecordKeys.check(record.key(), session);
          known.add(session, record.timestamp());
        } catch (MalformedBatchException e) {
          foreign.add(record, e);
        }
      });
    }
    foreign.tell();
    return known.oldestFirst();
  }
}
