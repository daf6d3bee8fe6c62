package io.unfreed.cli.live;

import io.unfreed.cli.serve.LocalService;
import io.unfreed.collector.sink.ForwardingSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.FailedException;
import io.unfreed.query.MarkBook;
import io.unfreed.query.StackBook;
import io.unfreed.query.TopicReader;
import io.unfreed.render.ReportFeed;
import io.unfreed.render.ReportPrinter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.record.ToldTicks;
import io.unfreed.streams.topology.ReportHeaders;
import io.unfreed.streams.topology.TopicSchemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Prints what the topology publishes about one session while it is recorded. */
public final class LiveReports implements AutoCloseable {
  private static final long FINAL_PATIENCE_MILLIS = 60_000;

  private final RecordingSink target;
  private final ReportPrinter printer;
  private final StackBook stacks = new StackBook();
  private final MarkBook marks = new MarkBook();
  private final ToldTicks ticks = new ToldTicks();
  private final Set<String> incarnations = ConcurrentHashMap.newKeySet();
  private final Set<String> finished = new HashSet<>();
  private volatile boolean ended;
  private volatile boolean closed;
  private volatile RuntimeException failure;
  private Session session;
  private LocalService service;
  private ReportFeed feed;
  private Thread reader;

  /** Reports about what is recorded into a sink. */
  public LiveReports(RecordingSink target, ReportPrinter printer) {
    this.target = target;
    this.printer = printer;
  }

  /** Passes a recording on and remembers what is needed to print the reports about it. */
  public RecordingSink sink() {
    return new ForwardingSink(target) {
      @Override
      public void stack(CallStack stack) throws IOException {
        stacks.add(stack);
        super.stack(stack);
      }

      @Override
      public void batch(EncodedBatch batch) throws IOException {
        incarnations.add(batch.key().incarnationKey());
        marks.add(batch);
        super.batch(batch);
      }
    };
  }

  /** Starts printing, on a thread of its own. */
  public void follow(Map<String, Object> client, Session recorded, LocalService local) {
    session = recorded;
    service = local;
    printer.know(marks.marks());
    feed = printer.follow(recorded, stacks, incarnations);
    RecordCodec<LeakReport> codec = RecordCodec.leakReports(new TopicSchemas(client));
    reader =
        Thread.ofPlatform()
            .daemon()
            .name("unfreed-reports")
            .start(() -> {
              try (TopicReader topic = TopicReader.following(client, Topics.REPORTS)) {
                topic.readUntil(this::isEnough, record -> take(record, codec));
              } catch (RuntimeException e) {
                failure = e;
              } finally {
                feed.end();
                System.out.flush();
              }
            });
  }

  /** Waits for the final report of every incarnation. */
  public void awaitFinal() {
    ended = true;
    try {
      if (!reader.join(java.time.Duration.ofMillis(FINAL_PATIENCE_MILLIS))) {
        throw new FailedException("the topology did not publish the final report in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
    printer.end(session);
  }

  private boolean isEnough() {
    Throwable crash = service == null ? null : service.failure();
    if (crash != null) {
      throw FailedException.ofTopology(crash);
    }
    feed.settle();
    System.out.flush();
    return closed || (ended && finished.containsAll(incarnations));
  }

  private void take(ConsumerRecord<byte[], byte[]> record, RecordCodec<LeakReport> codec) {
    String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    if (!key.startsWith(session.getSessionId() + "/")) {
      return;
    }
    try {
      LeakReport published = codec.decode(record.value());
      RecordKeys.check(record.key(), published);
      for (LeakReport report :
          ticks.next(
              key,
              published,
              ReportHeaders.sameAsTick(record.headers()),
              ReportHeaders.quietSince(record.headers()))) {
        feed.take(ReportRecords.fromRecord(report));
      }
      System.out.flush();
      if (published.getFinal$()) {
        finished.add(key);
      }
    } catch (MalformedBatchException e) {
      System.err.println(
          "unfreed: "
              + TopicReader.place(record)
              + ": "
              + Printable.of(e.getMessage())
              + "; skipped");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
