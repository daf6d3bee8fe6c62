package io.unfreed.cli.command;

import io.unfreed.query.BrokerRecording;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.SessionCatalogue;
import io.unfreed.schemas.Session;
import io.unfreed.server.answer.Archive;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Sessions in a broker. Whoever asks the same again within a few seconds is told the same, since
 * every answer reads the events up to their end.
 */
record BrokerArchive(Map<String, Object> client) implements Archive {
  private static final long SAME_NANOS = Duration.ofSeconds(5).toNanos();

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
    return System.nanoTime() / SAME_NANOS;
  }
}
