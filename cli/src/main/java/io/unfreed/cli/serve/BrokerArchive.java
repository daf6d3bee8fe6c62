package io.unfreed.cli.serve;

import io.unfreed.query.BrokerRecording;
import io.unfreed.query.EventEnds;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.ServiceState;
import io.unfreed.query.SessionCatalogue;
import io.unfreed.schemas.Session;
import io.unfreed.server.answer.AnswerLimits;
import io.unfreed.server.answer.Archive;
import io.unfreed.server.answer.Reading;
import java.util.List;
import java.util.Map;

/**
 * Sessions in a broker. How a session is now is asked of the service's instances, which have it in
 * their states; every other answer reads the events, and so does this one when not all of them can
 * say it.
 */
public final class BrokerArchive implements Archive, AutoCloseable {
  private final Map<String, Object> client;
  private final EventEnds ends;

  /** Null until somebody asks about traces. */
  private EventEnds traceEnds;

  /** Null when no service is asked. */
  private final ServiceState state;

  /** Null for none. */
  private final AnswerLimits limits;

  /** Every answer is read from the events. */
  public BrokerArchive(Map<String, Object> client) {
    this(client, null, null);
  }

  /** The same within limits; a service is asked where that is enough. */
  public BrokerArchive(Map<String, Object> client, ServiceState state, AnswerLimits limits) {
    this.client = client;
    this.state = state;
    this.limits = limits;
    ends = new EventEnds(client);
  }

  @Override
  public List<Session> sessions() {
    return SessionCatalogue.read(client).sessions();
  }

  @Override
  public void copyTo(String session, LedgerSink ledger) {
    BrokerRecording.copy(client, session, ledger, watch(ledger));
  }

  @Override
  public void copyTraces(String session, LedgerSink ledger) {
    BrokerRecording.copyTrace(client, session, ledger, watch(ledger));
  }

  private Runnable watch(LedgerSink ledger) {
    return limits == null ? () -> {} : limits.watch(ledger);
  }

  @Override
  public Reading now(String session) {
    ServiceState.Answer answer = state == null ? null : state.answer(session, limits::holds);
    return answer == null
        ? null
        : Reading.ofState(
            answer.session(),
            answer.state().reports(),
            answer.state().stacks(),
            answer.state().marks(),
            answer.stacks());
  }

  @Override
  public Object version() {
    return ends.now();
  }

  @Override
  public Object traceVersion() {
    return traceEnds().now();
  }

  private synchronized EventEnds traceEnds() {
    if (traceEnds == null) {
      traceEnds = EventEnds.ofTraces(client);
    }
    return traceEnds;
  }

  @Override
  public synchronized void close() {
    ends.close();
    if (traceEnds != null) {
      traceEnds.close();
    }
    if (state != null) {
      state.close();
    }
  }
}
