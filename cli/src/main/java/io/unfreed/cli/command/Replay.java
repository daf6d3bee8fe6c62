package io.unfreed.cli.command;

import io.unfreed.cli.live.LiveKafka;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.cli.serve.LocalService;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.BrokerRecording;
import io.unfreed.query.Cluster;
import io.unfreed.query.FailedException;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.PublishedReports;
import io.unfreed.query.ReplaySink;
import io.unfreed.query.SessionCatalogue;
import io.unfreed.render.ReportPrinter;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.wire.TraceRules;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * One replay: publishes recordings, asks with a marker per lane, waits for the answers of the
 * topology, and prints them; filtered questions are answered by the same ledger over the events.
 */
final class Replay implements AutoCloseable {
  /** How long a broker may take nothing at all before it counts as gone. */
  private static final int BROKER_PATIENCE_MILLIS = 30_000;

  /** How long what was read may wait for its turn and for the broker's answer. */
  private static final int DELIVERY_PATIENCE_MILLIS = 60_000;

  private static final Duration SERVICE_CHECK = Duration.ofSeconds(10);
  private static final Duration SERVICE_PATIENCE = Duration.ofSeconds(60);

  private final KafkaOptions.Brokers brokers;
  private final QueryOptions query;
  private final OutputOptions output;
  private LocalService service;
  private long servedNanos = System.nanoTime();
  private long checkedNanos = servedNanos;

  Replay(KafkaOptions.Brokers brokers, QueryOptions query, OutputOptions output) {
    this.brokers = brokers;
    this.query = query;
    this.output = output;
  }

  void run(Map<Path, Recording> recordings) throws IOException {
    startService();
    SessionCatalogue known = SessionCatalogue.read(brokers.client());
    try (RecordingSink kafka =
        ProgressSink.around(
            new KafkaSink(publishing(), known.partitions(), known.ids()), "publishing")) {
      ReplaySink sink = new ReplaySink(kafka, query::forSession, known.sessions());
      for (Map.Entry<Path, Recording> recording : recordings.entrySet()) {
        FileNotes.print(recording.getKey(), recording.getValue().copyTo(sink), System.err);
      }
      sink.mark();
      kafka.flush();
      PublishedReports published =
          PublishedReports.await(brokers.client(), sink, this::checkService);
      print(sink, published);
    }
  }

  @Override
  public void close() {
    if (service != null) {
      service.close();
    }
  }

  /**
   * To a broker in this process the events go as they are: packing and unpacking them would cost
   * more than it saves, and the broker would unpack them once more to check them.
   */
  private Map<String, Object> publishing() {
    Map<String, Object> client = new HashMap<>(brokers.client());
    client.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, BROKER_PATIENCE_MILLIS);
    client.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_PATIENCE_MILLIS);
    if (brokers.isPrivate()) {
      client.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    }
    return client;
  }

  private void startService() {
    try (Cluster cluster = new Cluster(brokers.client())) {
      cluster.ensureTopics(LocalService.partitions(brokers));
      if (!brokers.isPrivate()) {
        LiveKafka.publishSchemas(cluster);
      }
      LiveKafka.deliverLeft(brokers, cluster.id());
      boolean running = !brokers.isPrivate() && cluster.hasService();
      if (!running) {
        if (!brokers.isPrivate()) {
          System.err.println(
              "unfreed: no service is running on "
                  + brokers.servers()
                  + ": running the topology in this process");
        }
        service = LocalService.start(brokers, cluster, LocalService.Purpose.ANSWERS);
      }
    }
  }

  private void checkService() {
    Throwable failure = service == null ? null : service.failure();
    if (failure != null) {
      throw FailedException.ofTopology(failure);
    }
    if (service == null && isCheckDue()) {
      checkRemoteService();
    }
  }

  private boolean isCheckDue() {
    long nowNanos = System.nanoTime();
    boolean due = nowNanos - checkedNanos > SERVICE_CHECK.toNanos();
    checkedNanos = due ? nowNanos : checkedNanos;
    return due;
  }

  /** A service that is started anew is waited for. */
  private void checkRemoteService() {
    try (Cluster cluster = new Cluster(brokers.client())) {
      if (cluster.hasService()) {
        servedNanos = System.nanoTime();
      } else if (System.nanoTime() - servedNanos > SERVICE_PATIENCE.toNanos()) {
        throw new FailedException(
            "no service is running on "
                + brokers.servers()
                + " any more; what was published is kept, replay again to ask");
      }
    }
  }

  private void print(ReplaySink sink, PublishedReports published) throws IOException {
    ReportPrinter printer = output.printer(System.out);
    printer.know(sink.marks());
    boolean found = false;
    for (Session session : sink.sessions()) {
      if (TraceRules.tracer(session).isPresent()) {
        found |= printTrace(session);
        continue;
      }
      List<IncarnationReport> reports = query.ofPid(answer(session, published));
      if (!reports.isEmpty() || !query.hasPid()) {
        printer.printAll(session, reports, sink.stacks());
        printer.end(session);
      }
      SessionNotes.untold(session, sink.untoldEvents(session), System.err);
      found |= !reports.isEmpty();
    }
    query.checkPid(found);
  }

  /** What is in the topic; the service's windows of it come when it has read them. */
  private boolean printTrace(Session session) {
    TraceAnswer traces = new TraceAnswer(query, output.tracePrinter(System.out));
    traces.check(false);
    LedgerSink ledger = new LedgerSink(query::forSession);
    BrokerRecording.copy(brokers.client(), session.getSessionId(), ledger);
    return traces.print(ledger, session, System.err);
  }

  private List<IncarnationReport> answer(Session session, PublishedReports published) {
    if (query.forSession(session).isPublished(session.getTickNanos())
        && !output.isCut(published, session, query.hasInterval())) {
      List<IncarnationReport> reports = published.of(session.getSessionId(), query.hasInterval());
      reports.sort(LedgerRun.ORDER);
      return reports;
    }
    LedgerSink ledger = new LedgerSink(query::forSession);
    BrokerRecording.copy(brokers.client(), session.getSessionId(), ledger);
    return ledger.run(session.getSessionId()).finish();
  }
}
