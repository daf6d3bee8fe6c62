package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LanePlacement;
import io.unfreed.schemas.topic.RecordExtents;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.topology.TopicSchemas;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * The sessions of a cluster.
 *
 * @param sessions by the start of their recording, oldest first
 * @param partitions by how many partitions the lanes of a session are placed, where it says it
 */
public record SessionCatalogue(List<Session> sessions, Map<String, Integer> partitions) {
  /** Reads the topic, and tells in a line of records that are no sessions. */
  public static SessionCatalogue read(Map<String, Object> client) {
    KnownSessions known = readAll(client);
    return new SessionCatalogue(known.oldestFirst(), known.partitions());
  }

  /** Which sessions there are. */
  public Set<String> ids() {
    return sessions.stream().map(Session::getSessionId).collect(Collectors.toSet());
  }

  static KnownSessions readAll(Map<String, Object> client) {
    ForeignRecords foreign = new ForeignRecords();
    KnownSessions known = readAll(client, foreign);
    foreign.tell();
    return known;
  }

  /** The same; records that are no sessions are only counted. */
  static KnownSessions readAll(Map<String, Object> client, ForeignRecords foreign) {
    RecordCodec<Session> codec = RecordCodec.sessions(new TopicSchemas(client));
    KnownSessions known = new KnownSessions();
    try (TopicReader reader = new TopicReader(client, Topics.SESSIONS)) {
      reader.readToEnd(record -> {
        if (record.value() == null && record.key() != null) {
          known.remove(new String(record.key(), StandardCharsets.UTF_8));
          return;
        }
        try {
          Session session = codec.decode(record.value());
          RecordKeys.check(record.key(), session);
          known.add(session, record.timestamp(), partitions(record), extents(session, record));
        } catch (MalformedBatchException e) {
          foreign.add(record, e);
        }
      });
    }
    return known;
  }

  /** Only who saw the session's end knows where all of its records are. */
  private static RecordExtents extents(Session session, ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(RecordExtents.HEADER);
    return header == null || session.getEnd() == null
        ? null
        : RecordExtents.fromHeader(session.getSessionId(), header.value());
  }

  private static int partitions(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(LanePlacement.HEADER);
    return header == null ? 0 : LanePlacement.fromHeader(header.value());
  }
}
