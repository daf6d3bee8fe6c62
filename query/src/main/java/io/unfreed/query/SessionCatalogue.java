package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import java.util.List;
import java.util.Map;

/** The sessions of a cluster, by the start of their recording, oldest first. */
public final class SessionCatalogue {
  private SessionCatalogue() {}

  /** Reads the topic; records that are no sessions are told to {@code foreign}. */
  public static List<Session> read(
      Map<String, Object> client, java.util.function.Consumer<String> foreign) {
    RecordCodec<Session> codec = RecordCodec.sessions();
    KnownSessions known = new KnownSessions();
    try (TopicReader reader = new TopicReader(client, Topics.SESSIONS)) {
      reader.readToEnd(record -> {
        try {
          known.add(codec.decode(record.value()), record.timestamp());
        } catch (MalformedBatchException e) {
          foreign.accept(TopicReader.place(record) + ": " + e.getMessage());
        }
      });
    }
    return known.oldestFirst();
  }
}
