package io.unfreed.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Expectation;
import io.unfreed.streams.model.RandomSession;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random recordings as files, reported by the command line, against the reference model: every
 * total, stack, moment, age and size.
 */
final class ModelFuzzer implements Fuzzer {
  @Override
  public void round(Path directory, long seed) throws IOException {
    Random random = new Random(seed);
    RandomSession session = RandomSession.of(random, Math.floorMod(seed, 1_000_003));
    Path file = directory.resolve("random");
    write(file, session);
    List<ReportQuery> queries = new ArrayList<>(List.of(ReportQuery.WHOLE));
    for (int n = 0; n < 4; n++) {
      queries.add(query(random, session.tickNanos() > 0));
    }
    for (ReportQuery query : queries) {
      CheckedRun run = CheckedRun.of("model, seed " + seed, arguments(file, query));
      assertThat(run.exitCode()).as(run.what()).isZero();
      compare(run, session, query);
    }
  }

  private static void write(Path file, RandomSession random) throws IOException {
    try (CaptureWriter capture = CaptureWriter.create(file, true)) {
      capture.session(
          Session.newBuilder()
              .setSessionId(random.lanes().getFirst().key().session())
              .setSource(Source.EBPF)
              .setTimed(random.tickNanos() > 0)
              .setTickNanos(random.tickNanos())
              .setFreeStacks(random.lanes().getFirst().freeStacks())
              .build());
      for (byte[] body : random.messages()) {
        capture.batch(new EncodedBatch(random.lanes().getFirst().key(), 0, 0, body));
      }
    }
  }

  private static ReportQuery query(Random random, boolean timed) {
    long min = random.nextInt(3) == 0 ? random.nextInt(40) : 0;
    long max = random.nextInt(3) == 0 ? min + random.nextInt(5000) : Long.MAX_VALUE;
    Long at = timed && random.nextInt(3) > 0 ? (Long) (long) random.nextInt(1200) : null;
    long older = timed && random.nextInt(2) == 0 ? random.nextInt(300) : 0;
    return new ReportQuery(new SizeRange(min, max), older, at, null);
  }

  private static List<String> arguments(Path file, ReportQuery query) {
    List<String> arguments =
        new ArrayList<>(List.of("report", file.toString(), "--format", "json", "--top", "0"));
    arguments.addAll(List.of("--sort", "bytes")); // the model knows of no verdicts
    if (query.sizes().minBytes() > 0) {
      arguments.addAll(List.of("--min-size", "" + query.sizes().minBytes()));
    }
    if (query.sizes().maxBytes() < Long.MAX_VALUE) {
      arguments.addAll(List.of("--max-size", "" + query.sizes().maxBytes()));
    }
    if (query.olderNanos() > 0) {
      arguments.addAll(List.of("--older", query.olderNanos() + "ns"));
    }
    if (query.atNanos() != null) {
      arguments.addAll(List.of("--at", "+" + query.atNanos() + "ns"));
    }
    return arguments;
  }

  private static void compare(CheckedRun run, RandomSession session, ReportQuery query) {
    if (session.messages().isEmpty()) {
      assertThat(run.reports()).as(run.what()).isEmpty();
      return;
    }
    assertThat(run.reports()).as(run.what()).hasSize(1);
    JsonNode report = run.reports().getFirst();
    Expectation expected = session.expected(query);
    boolean kernel = session.lanes().getFirst().kernel();
    assertThat(report.at("/at/final").asBoolean()).as(run.what()).isEqualTo(session.isFinal(query));
    assertThat(report.at("/at/sinceStartNanos").asText())
        .as(run.what())
        .isEqualTo(session.tickNanos() > 0 ? "" + session.momentNanos(query) : "null");
    assertThat(totals(report.get("totals")))
        .as(run.what())
        .isEqualTo(totals(expected.totals(), kernel));
    List<StackNumbers> stacks =
        expected.stacks().stream()
            .filter(stack -> stack.outstandingCount() > 0)
            .sorted(IncarnationReport.ORDER)
            .toList();
    List<String> listed = new ArrayList<>();
    report.get("stacks").forEach(stack -> listed.add(stack(stack)));
    assertThat(listed)
        .as(run.what())
        .isEqualTo(stacks.stream().map(stack -> stack(stack, session, query)).toList());
    assertThat(selected(report.get("selected")))
        .as(run.what())
        .isEqualTo(
            "%d %d %d %d"
                .formatted(
                    stacks.stream().mapToLong(StackNumbers::outstandingBytes).sum(),
                    stacks.stream().mapToLong(StackNumbers::outstandingCount).sum(),
                    stacks.stream().mapToLong(StackNumbers::certainBytes).sum(),
                    stacks.size()));
  }

  private static String totals(JsonNode n) {
    return fields(
            n,
            "allocations frees superseded closedByExec allocatedBytes outstandingBytes"
                + " outstandingCount certainBytes unmatchedFrees temporaryAllocations peakBytes"
                + " lostEvents distinctStacks")
        + n.get("bySpace");
  }

  private static String totals(TotalsNumbers t, boolean kernel) {
    StringBuilder spaces = new StringBuilder();
    for (TotalsNumbers.SpaceNumbers space : t.bySpace()) {
      spaces
          .append(spaces.isEmpty() ? "" : ",")
          .append(
              "\"%s\":{\"outstandingBytes\":%d,\"outstandingCount\":%d}"
                  .formatted(
                      space.space().label(), space.outstandingBytes(), space.outstandingCount()));
    }
    return "%d %d %d %d %d %s %s %d %d %d %d %d %d"
            .formatted(
                t.allocations(),
                t.frees(),
                t.superseded(),
                t.closedByExec(),
                t.allocatedBytes(),
                kernel ? "null" : "" + t.outstandingBytes(),
                kernel ? "null" : "" + t.outstandingCount(),
                t.certainBytes(),
                t.unmatchedFrees(),
                t.temporaryAllocations(),
                t.peakBytes(),
                t.lostEvents(),
                t.distinctStacks())
        + "{"
        + spaces
        + "}";
  }

  private static String stack(JsonNode n) {
    return fields(
        n,
        "stackId space outstandingBytes outstandingCount certainBytes allocations frees superseded"
            + " closedByExec temporaryAllocations allocatedBytes oldestNanos");
  }

  private static String stack(StackNumbers n, RandomSession session, ReportQuery query) {
    Long oldest = n.ages().oldestTimeNanos();
    Long age = oldest == null ? null : (Long) Math.max(0, session.momentNanos(query) - oldest);
    return "%s %s %d %d %d %d %d %d %d %d %d %d"
        .formatted(
            n.key().stackId(),
            n.key().space().label(),
            n.outstandingBytes(),
            n.outstandingCount(),
            n.certainBytes(),
            n.allocations(),
            n.frees(),
            n.superseded(),
            n.closedByExec(),
            n.temporaryAllocations(),
            n.allocatedBytes(),
            age);
  }

  private static String selected(JsonNode n) {
    return fields(n, "outstandingBytes outstandingCount certainBytes stacks");
  }

  private static String fields(JsonNode n, String names) {
    List<String> values = new ArrayList<>();
    for (String name : names.split(" ")) {
      values.add(n.get(name).asText());
    }
    return String.join(" ", values);
  }
}
