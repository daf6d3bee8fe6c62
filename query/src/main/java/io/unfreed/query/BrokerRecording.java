package io.unfreed.query;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.BatchVersions;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.topology.TopicSchemas;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A session's records, read from the topics into a ledger run of this process. */
public final class BrokerRecording {
  private BrokerRecording() {}

  /**
   * Copies one session.
   *
   * @param idPrefix the session's id or its beginning; null for the newest session
   */
  public static void copy(Map<String, Object> client, String idPrefix, LedgerSink ledger) {
    Session session = choose(client, idPrefix);
    ledger.session(session);
    readStacks(client, ledger);
    String prefix = session.getSessionId() + "/";
    BatchVersions versions = new BatchVersions(new TopicSchemas(client));
    ForeignRecords foreign = new ForeignRecords();
    try (TopicReader reader = new TopicReader(client, Topics.EVENTS)) {
      reader.readToEnd(record -> {
        if (startsWith(record.key(), prefix)) {
          try {
            ledger.batch(record.key(), versions.current(record.value()));
          } catch (MalformedBatchException e) {
            foreign.add(record, e);
          }
        }
      });
    }
    foreign.tell();
  }

  private static Session choose(Map<String, Object> client, String idPrefix) {
    List<Session> sessions = SessionCatalogue.read(client).sessions();
    for (Session session : sessions.reversed()) {
      if (idPrefix == null || session.getSessionId().startsWith(idPrefix)) {
        return session;
      }
    }
    throw new UsageException(
        idPrefix == null
            ? "no session has been recorded there yet"
            : "--session " + idPrefix + ": no such session there");
  }

  private static void readStacks(Map<String, Object> client, LedgerSink ledger) {
    RecordCodec<CallStack> codec = RecordCodec.callStacks(new TopicSchemas(client));
    ForeignRecords foreign = new ForeignRecords();
    try (TopicReader reader = new TopicReader(client, Topics.STACKS)) {
      reader.readToEnd(record -> {
        try {
          CallStack stack = codec.decode(record.value());
          RecordKeys.check(record.key(), stack);
          ledger.stack(stack);
        } catch (MalformedBatchException e) {
          foreign.add(record, e);
        }
      });
    }
    foreign.tell();
  }

  private static boolean startsWith(byte[] key, String prefix) {
    return key != null && new String(key, StandardCharsets.UTF_8).startsWith(prefix);
  }
}
