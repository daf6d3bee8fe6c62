package io.unfreed.server.api;

import io.unfreed.query.AskedBlocks;
import io.unfreed.query.UsageException;
import io.unfreed.render.export.ExportedStack;
import io.unfreed.render.export.Exporter;
import io.unfreed.render.export.FoldedExporter;
import io.unfreed.render.export.PprofExporter;
import io.unfreed.render.export.SpeedscopeExporter;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.Reading;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.http.Problem;
import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The file that {@code export} writes. */
final class ExportAnswer {
  private record Format(Exporter exporter, String type, String fileName) {}

  private ExportAnswer() {}

  static Reply of(Readings readings, Request request) throws IOException {
    Format format = format(request.get("as"));
    Asked asked = Parameters.asked(request);
    AskedBlocks blocks = asked.blocks();
    if (blocks.groupBy() != null) {
      throw new UsageException("export is by stack: it takes no --group-by");
    }
    Reading reading = readings.ofBlocks(asked);
    if (reading.sessions().size() != 1) {
      throw new UsageException(
          reading.sessions().size() + " sessions: export one of them, by session");
    }
    ReportAnswer.checkProcess(reading, asked);
    Reading.OfSession one = reading.sessions().getFirst();
    List<ExportedStack> stacks = new ArrayList<>();
    for (IncarnationReport report : asked.ofTgid(one.reports())) {
      stacks.addAll(
          ExportedStack.of(one.whole(blocks, report, reading.stacks()), reading.stacks()));
    }
    boolean ofFreed = one.question().freed() != null;
    return new Reply(
        format.type(),
        format.fileName(),
        out -> format.exporter().write(one.session(), stacks, ofFreed, out));
  }

  private static Format format(String name) {
    return switch (name) {
      case "pprof" -> new Format(new PprofExporter(), "application/octet-stream", "unfreed.pb.gz");
      case "folded" ->
          new Format(new FoldedExporter(), "text/plain; charset=utf-8", "unfreed.folded");
      case "speedscope" ->
          new Format(new SpeedscopeExporter(), Reply.JSON, "unfreed.speedscope.json");
      case null, default -> throw Problem.badRequest("as: pprof, folded or speedscope");
    };
  }
}
