package io.unfreed.query;

import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.record.WholeReports;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.topology.ReportHeaders;
import io.unfreed.streams.topology.TopicSchemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** What the topology published about the sessions of a replay. */
public final class PublishedReports {
  private final RecordCodec<LeakReport> codec;
  private final String token;
  private final Set<String> open;
  private final Set<String> asked;
  private final ForeignRecords foreign = new ForeignRecords();
  private final WholeReports whole = new WholeReports();
  private final Map<String, LeakReport> answers = new LinkedHashMap<>();
  private final Map<String, Map<Long, LeakReport>> ticks = new LinkedHashMap<>();

  private PublishedReports(RecordCodec<LeakReport> codec, String token, Set<String> incarnations) {
    this.codec = codec;
    this.token = token;
    this.asked = Set.copyOf(incarnations);
    this.open = new HashSet<>(incarnations);
  }

  /** Reads the reports until every incarnation has been answered. */
  public static PublishedReports await(
      Map<String, Object> client, ReplaySink sink, Runnable check) {
    RecordCodec<LeakReport> codec = RecordCodec.leakReports(new TopicSchemas(client));
    PublishedReports reports = new PublishedReports(codec, sink.token(), sink.incarnations());
    try (TopicReader reader = new TopicReader(client, Topics.REPORTS)) {
      reader.readUntil(
          () -> {
            check.run();
            return reports.open.isEmpty();
          },
          reports::take);
    }
    reports.foreign.tell();
    return reports;
  }

  /** Whether a report of the session, of its ticks too if asked, lists too few stacks. */
  public boolean isCut(String session, boolean withTicks, int top) {
    if (top != 0 && top <= ReportRecords.STACKS_PER_REPORT) {
      return false;
    }
    return records(session, withTicks).anyMatch(r -> r.getCutStacks() > 0);
  }

  /** The same when stacks are asked for by their temporary allocations, which cut no list. */
  public boolean isCutOfTemporary(String session, boolean withTicks, int top) {
    boolean asksForMore = top == 0 || top > ReportRecords.TEMPORARY_PER_REPORT;
    return records(session, withTicks)
        .anyMatch(r ->
            r.getCutStacks() > 0
                || (asksForMore && r.getTemporary().size() == ReportRecords.TEMPORARY_PER_REPORT));
  }

  /** The session's reports: the last of each incarnation, and those of its ticks if asked. */
  public List<IncarnationReport> of(String session, boolean withTicks) {
    return records(session, withTicks)
        .map(ReportRecords::fromRecord)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private Stream<LeakReport> records(String session, boolean withTicks) {
    return answers.entrySet().stream()
        .filter(answer -> answer.getValue().getSession().equals(session))
        .flatMap(answer ->
            Stream.concat(
                withTicks
                    ? ticks.getOrDefault(answer.getKey(), Map.of()).values().stream()
                    : Stream.empty(),
                Stream.of(answer.getValue())));
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    if (!asked.contains(key)) {
      return;
    }
    try {
      LeakReport report = codec.decode(record.value());
      RecordKeys.check(record.key(), report);
      Header marker = record.headers().lastHeader(ReportHeaders.MARKER);
      if (report.getTick() != null) {
        LeakReport tick = whole.next(key, report, ReportHeaders.sameAsTick(record.headers()));
        Map<Long, LeakReport> known = ticks.computeIfAbsent(key, k -> new TreeMap<>());
        for (LeakReport passed :
            WholeReports.before(tick, ReportHeaders.quietSince(record.headers()))) {
          known.put(passed.getTick(), passed);
        }
        known.put(report.getTick(), tick);
      } else if (marker != null
          && new String(marker.value(), StandardCharsets.UTF_8).equals(token)) {
        answers.put(key, report);
        open.remove(key);
      }
    } catch (MalformedBatchException e) {
      foreign.add(record, e);
    }
  }
}
