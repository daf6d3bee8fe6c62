package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.wire.TraceRules;
import java.util.List;
import java.util.Map;

/** A session's records, read from the topics into a ledger run of this process. */
public final class BrokerRecording {
  private BrokerRecording() {}

  /**
   * What a copy cost.
   *
   * @param events records of {@code unfreed.events}, or of {@code unfreed.histograms}, that were
   *     read, those of others included
   * @param stacks records of {@code unfreed.stacks}
   */
  public record Read(long events, long stacks) {}

  /**
   * Copies one session.
   *
   * @param idPrefix the session's id or its beginning; null for the newest session
   */
  public static Read copy(Map<String, Object> client, String idPrefix, LedgerSink ledger) {
    return copy(client, idPrefix, ledger, () -> {});
  }

  /**
   * The same.
   *
   * @param watch is called again and again; what it throws ends the copying
   */
  public static Read copy(
      Map<String, Object> client, String idPrefix, LedgerSink ledger, Runnable watch) {
    KnownSessions known = SessionCatalogue.readAll(client);
    return copy(client, known, choose(known.oldestFirst(), idPrefix), ledger, watch);
  }

  /**
   * Copies one session of a tracer.
   *
   * @param idPrefix the session's id or its beginning; null for the newest trace
   */
  public static Read copyTrace(
      Map<String, Object> client, String idPrefix, LedgerSink ledger, Runnable watch) {
    KnownSessions known = SessionCatalogue.readAll(client);
    for (Session session : known.oldestFirst().reversed()) {
      boolean isAsked = idPrefix == null || session.getSessionId().startsWith(idPrefix);
      if (isAsked && TraceRules.tracer(session).isPresent()) {
        return copy(client, known, session, ledger, watch);
      }
    }
    return new Read(0, 0);
  }

  private static Read copy(
      Map<String, Object> client,
      KnownSessions known,
      Session session,
      LedgerSink ledger,
      Runnable watch) {
    ledger.session(session);
    String id = session.getSessionId();
    SessionRecords records =
        new SessionRecords(client, id, known.extents(id), known.sinceMillis(id), watch);
    long events =
        TraceRules.tracer(session).isPresent()
            ? records.readTrace(ledger)
            : records.readEvents(ledger);
    return new Read(events, records.readStacks(ledger));
  }

  /** The newest session whose id begins so. */
  static Session choose(List<Session> sessions, String idPrefix) {
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
}
