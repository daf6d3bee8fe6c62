package io.unfreed.query;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

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
    try (TopicReader reader = new TopicReader(client, Topics.EVENTS)) {
      reader.readToEnd(record -> {
        if (startsWith(record.key(), prefix)) {
          take(record, ledger);
        }
      });
    }
  }

  private static Session choose(Map<String, Object> client, String idPrefix) {
    List<Session> sessions = SessionCatalogue.read(client, BrokerRecording::sayForeign);
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
    RecordCodec<CallStack> codec = RecordCodec.callStacks();
    try (TopicReader reader = new TopicReader(client, Topics.STACKS)) {
      reader.readToEnd(record -> {
        try {
          ledger.stack(codec.decode(record.value()));
        } catch (MalformedBatchException e) {
          sayForeign(TopicReader.place(record) + ": " + e.getMessage());
        }
      });
    }
  }

  private static void take(ConsumerRecord<byte[], byte[]> record, LedgerSink ledger) {
    try {
      byte[] value = EventBatchCodec.current(record.value());
      int from = EventBatchCodec.headerLength();
      ledger.batch(value, from, value.length - from);
    } catch (MalformedBatchException e) {
      sayForeign(TopicReader.place(record) + ": " + e.getMessage());
    }
  }

  private static void sayForeign(String line) {
    System.err.println("unfreed: " + Printable.of(line) + "; skipped");
  }

  private static boolean startsWith(byte[] key, String prefix) {
    return key != null && new String(key, StandardCharsets.UTF_8).startsWith(prefix);
  }
}
