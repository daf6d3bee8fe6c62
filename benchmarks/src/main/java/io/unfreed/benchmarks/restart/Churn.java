package io.unfreed.benchmarks.restart;

import io.unfreed.collector.sink.KafkaSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is published to a service, and what it answers. */
final class Churn implements AutoCloseable {
  private final KafkaSink sink;
  private final List<ChurnSession> sessions = new ArrayList<>();
  private final Answers answers;

  /** So many processes, which together keep so many blocks; nothing is published yet. */
  Churn(Map<String, Object> client, int lanes, int live) throws IOException {
    sink = new KafkaSink(client);
    for (int i = 0; i < lanes; i++) {
      sessions.add(new ChurnSession("churn" + i, 1 + i, live / lanes, sink));
    }
    answers = new Answers(client);
  }

  /** Publishes until so many events were; the processes in turn, a batch each. */
  void publish(long events) throws IOException {
    long published = sessions.stream().mapToLong(ChurnSession::events).sum();
    while (published < events) {
      for (ChurnSession session : sessions) {
        session.publish(sink);
      }
      published = sessions.stream().mapToLong(ChurnSession::events).sum();
    }
    sink.flush();
  }

  /** Asks every process, and waits for the answers; when the last was there. */
  long ask(String token) throws IOException {
    for (ChurnSession session : sessions) {
      session.ask(sink, token);
    }
    sink.flush();
    return answers.awaitAnswers(token, sessions.size());
  }

  /** Ends every process; by process, a sum of the bytes of its reports. */
  Map<String, Integer> finals() throws IOException {
    for (ChurnSession session : sessions) {
      session.end(sink);
    }
    sink.flush();
    return answers.awaitFinals(sessions.size());
  }

  @Override
  public void close() throws IOException {
    sink.close();
    answers.close();
  }
}
