package io.unfreed.cli.command;

import io.unfreed.query.BrokerRecording;
import io.unfreed.query.EventEnds;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.SessionCatalogue;
import io.unfreed.schemas.Session;
import io.unfreed.server.answer.Archive;
import java.util.List;
import java.util.Map;

/**
 * Sessions in a broker. Every answer reads the events, which are committed: whoever runs the
 * topology, or whether anybody does, changes none.
 */
final class BrokerArchive implements Archive, AutoCloseable {
  private final Map<String, Object> client;
  private final EventEnds ends;

  BrokerArchive(Map<String, Object> client) {
    this.client = client;
    ends = new EventEnds(client);
  }

  @Override
  public List<Session> sessions() {
    return SessionCatalogue.read(client).sessions();
  }

  @Override
  public void copyTo(String session, LedgerSink ledger) {
    BrokerRecording.copy(client, session, ledger);
  }

  @Override
  public Object version() {
    return ends.now();
  }

  @Override
  public void close() {
    ends.close();
  }
}
