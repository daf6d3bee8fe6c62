package io.unfreed.server.api;

import io.unfreed.query.AskedMoment;
import io.unfreed.query.BlockDiff;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.UsageException;
import io.unfreed.query.WindowText;
import io.unfreed.render.DiffJson;
import io.unfreed.render.DiffReport;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.Reading;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.http.Problem;
import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What {@code diff --format json} prints: two moments of a session, or two sessions. */
final class DiffAnswer {
  private record Read(Reading.OfSession of, List<ChosenBlocks> processes, Reading reading) {
    DiffReport.Side side() {
      return new DiffReport.Side(of.session(), processes);
    }

    BlockDiff.Side blocks() {
      return new BlockDiff.Side(processes, reading.stacks());
    }
  }

  private DiffAnswer() {}

  static Reply of(Readings readings, Request request) throws IOException {
    WindowText moments = WindowText.of("--at", request.get("at"));
    if (moments == null && request.get("other") == null) {
      throw Problem.badRequest("diff compares two moments, at=A..B, or a session and an other");
    }
    String session = request.get("session");
    String other = request.get("other") == null ? session : request.get("other");
    DiffReport.Per per = per(request.get("per"));
    Read before =
        read(
            readings,
            request,
            session,
            moments == null || moments.from() == null ? null : moments.from().text(),
            per);
    Read after =
        read(
            readings,
            request,
            other,
            moments == null || moments.to() == null ? null : moments.to().text(),
            per);
    DiffReport report =
        new DiffReport(
            before.side(),
            after.side(),
            Parameters.asked(request, session, null).blocks().groups(),
            per,
            BlockDiff.of(before.blocks(), after.blocks()));
    int top = Parameters.shape(request).top();
    return new Reply(
        Reply.JSON_LINES,
        out -> {
          PrintStream line = new PrintStream(out, false, StandardCharsets.UTF_8);
          DiffJson.print(line, report, top);
          line.flush();
        });
  }

  private static Read read(
      Readings readings, Request request, String session, String at, DiffReport.Per per)
      throws IOException {
    Asked asked = Parameters.asked(request, session, at);
    Reading reading = readings.ofBlocks(asked);
    if (reading.sessions().size() != 1) {
      throw new UsageException(
          reading.sessions().size() + " sessions, a comparison takes one: name it by session");
    }
    Reading.OfSession one = reading.sessions().getFirst();
    if (!one.session().getTimed()) {
      AskedMoment.refuseUntimed("--per second", per == DiffReport.Per.SECOND);
    }
    ReportAnswer.checkProcess(reading, asked);
    List<ChosenBlocks> processes =
        asked.ofTgid(one.reports()).stream()
            .map(report -> one.chosen(asked.blocks(), report, reading.stacks()))
            .toList();
    return new Read(one, processes, reading);
  }

  private static DiffReport.Per per(String text) {
    return switch (text) {
      case null -> DiffReport.Per.NOTHING;
      case "second" -> DiffReport.Per.SECOND;
      case "allocation" -> DiffReport.Per.ALLOCATION;
      default -> throw Problem.badRequest("per " + text + ": second or allocation");
    };
  }
}
