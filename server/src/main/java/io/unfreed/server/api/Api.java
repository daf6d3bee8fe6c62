package io.unfreed.server.api;

import static io.unfreed.server.api.Parameters.BLOCKS;
import static io.unfreed.server.api.Parameters.MOMENT;
import static io.unfreed.server.api.Parameters.SHAPE;
import static io.unfreed.server.api.Parameters.union;

import io.unfreed.query.UsageException;
import io.unfreed.render.ExplainJson;
import io.unfreed.render.SessionJson;
import io.unfreed.render.Shape;
import io.unfreed.schemas.Session;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.BusyException;
import io.unfreed.server.answer.Explained;
import io.unfreed.server.answer.Reading;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.answer.ShapesJson;
import io.unfreed.server.answer.TimelineJson;
import io.unfreed.server.answer.TooCostlyException;
import io.unfreed.server.http.Handler;
import io.unfreed.server.http.Problem;
import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The API over recorded events, and the page. */
public class Api implements Handler {
  /** Where it begins. */
  public static final String BASE = "/api/v1/";

  private static final int LINES = 8;

  private final Readings readings;
  private final KeptReplies replies = new KeptReplies();
  private final PageFiles page = new PageFiles();
  private final byte[] description = PageFiles.read("openapi.json");

  /** Answers from these. */
  public Api(Readings readings) {
    this.readings = readings;
  }

  @Override
  public boolean isPublic(String path) {
    return page.has(path);
  }

  @Override
  public boolean isStream(String path) {
    return path.equals(BASE + "changes");
  }

  @Override
  public final Reply answer(Request request) throws IOException {
    try {
      if (!isReady()) {
        throw Problem.busy("the service is starting; try again in a moment");
      }
      if (page.has(request.path())) {
        return page.reply(request.path());
      }
      return request.path().startsWith(BASE)
          ? ask(request.path().substring(BASE.length()), request)
          : other(request);
    } catch (TooCostlyException e) {
      throw Problem.tooCostly(e.getMessage());
    } catch (BusyException e) {
      throw Problem.busy(e.getMessage());
    }
  }

  /** Whether anything can be answered yet. */
  protected boolean isReady() {
    return true;
  }

  /** What is beside the API. */
  protected Reply other(Request request) {
    throw Problem.notFound(request.path() + ": nothing here");
  }

  private Reply ask(String what, Request request) throws IOException {
    return switch (what) {
      case "sessions" -> kept(request, Reply.JSON_LINES, () -> sessions(request));
      case "report" -> kept(request, Reply.JSON_LINES, () -> report(request));
      case "stacks" -> kept(request, Reply.JSON, () -> stacks(request));
      case "timeline" -> timeline(request); // may be of an earlier version than now's
      case "histograms" -> histograms(request);
      case "trace" -> traced(request, Reply.JSON_LINES, () -> TraceAnswer.of(readings, request));
      case "trace-timeline" ->
          traced(request, Reply.JSON, () -> TraceAnswer.timeline(readings, request));
      case "explain" -> explain(request);
      case "diff" -> {
        request.allow(union(List.of(MOMENT, BLOCKS, Set.of("other", "per", "top"))));
        yield DiffAnswer.of(readings, request);
      }
      case "export" -> {
        request.allow(union(List.of(MOMENT, BLOCKS, Set.of("as"))));
        yield ExportAnswer.of(readings, request);
      }
      case "changes" -> {
        request.allow(Set.of());
        yield new Reply(Reply.EVENTS, new Changes(readings));
      }
      case "openapi.json" -> {
        request.allow(Set.of());
        yield new Reply(Reply.JSON, out -> out.write(description));
      }
      default -> other(request);
    };
  }

  private Reply kept(Request request, String type, KeptReplies.Maker maker) throws IOException {
    return replies.of(request, readings.version(), type, maker);
  }

  private Reply traced(Request request, String type, KeptReplies.Maker maker) throws IOException {
    return replies.of(request, readings.traces().version(), type, maker);
  }

  private Reply sessions(Request request) throws IOException {
    request.allow(Set.of());
    List<Session> sessions = readings.sessions(Parameters.asked(request));
    StringBuilder lines = new StringBuilder();
    sessions.forEach(
        session -> lines.append(SessionJson.line(session)).append(System.lineSeparator()));
    return Reply.of(Reply.JSON_LINES, lines.toString());
  }

  private Reply report(Request request) throws IOException {
    request.allow(union(List.of(MOMENT, BLOCKS, SHAPE, Set.of("interval"))));
    Asked asked = Parameters.asked(request);
    Parameters.checkChosen(request, asked);
    Shape shape = Parameters.shape(request);
    Reading reading = readings.now(asked, false);
    ReportAnswer.checkProcess(reading, asked);
    return new Reply(Reply.JSON_LINES, out -> ReportAnswer.write(reading, asked, shape, out));
  }

  private Reply stacks(Request request) throws IOException {
    request.allow(union(List.of(MOMENT, Set.of("born", "freed", "function", "module"))));
    Asked asked = Parameters.asked(request);
    Reading reading = readings.now(asked, true);
    ReportAnswer.checkProcess(reading, asked);
    return new Reply(Reply.JSON, out -> StacksJson.write(reading, asked, out));
  }

  private Reply explain(Request request) throws IOException {
    request.allow(union(List.of(MOMENT, Set.of("what"))));
    Asked asked = Parameters.asked(request);
    String what = request.get("what") == null ? "1" : request.get("what");
    Explained explained = readings.explain(asked, what);
    return new Reply(
        Reply.JSON_LINES,
        out -> {
          PrintStream line = new PrintStream(out, false, StandardCharsets.UTF_8);
          ExplainJson.print(line, explained.explanation(), explained.stacks());
          line.flush();
        });
  }

  private Reply timeline(Request request) throws IOException {
    request.allow(Set.of("session", "group-by", "top"));
    String groupBy = request.get("group-by") == null ? "process" : request.get("group-by");
    if (!TimelineJson.GROUPS.contains(groupBy)) {
      throw new UsageException(
          "--group-by " + groupBy + ": of a timeline process, stack, function or module");
    }
    int top = Parameters.top(request, LINES);
    Reading reading = readings.recent(Parameters.whole(request.get("session")));
    return replies.of(
        request,
        reading.timelineVersion(),
        Reply.JSON,
        () -> new Reply(Reply.JSON, out -> TimelineJson.write(reading, groupBy, top, out)));
  }

  private Reply histograms(Request request) throws IOException {
    request.allow(Set.of("session", "at", "min-size", "max-size", "pid", "born"));
    Asked asked = Parameters.asked(request);
    Reading reading = readings.withShapes(asked);
    ReportAnswer.checkProcess(reading, asked);
    return new Reply(Reply.JSON, out -> ShapesJson.write(reading, asked, out));
  }
}
