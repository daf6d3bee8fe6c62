package io.unfreed.cli.live;

import io.unfreed.collector.live.LiveTarget;
import io.unfreed.render.CommandName;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import java.util.List;
import java.util.stream.Collectors;

/** What is said when the recording of something that runs already has begun. */
final class BeginLine {
  /** How a session's facts name what could not be probed. */
  private static final String MISSING = "missing: ";

  /** And what this way of seeing calls does not see. */
  private static final String NOT_SEEN = "not seen: ";

  private BeginLine() {}

  /** What is recorded, by how many probes, in which session. */
  static String of(LiveTarget target, Session session) {
    return "recording "
        + what(target, session)
        + ": "
        + (session.getSource() == Source.SHIM ? "through the library in it" : probes(session))
        + ", session "
        + session.getSessionId();
  }

  private static String probes(Session session) {
    long probes = session.getProbes().stream().filter(BeginLine::isProbe).count();
    return probes + (probes == 1 ? " probe" : " probes");
  }

  private static boolean isProbe(String fact) {
    return !fact.startsWith(MISSING) && !fact.startsWith(NOT_SEEN);
  }

  private static String what(LiveTarget target, Session session) {
    return switch (target) {
      case LiveTarget.Kernel _ -> "the kernel (" + session.getCommand() + ")";
      case LiveTarget.Host _ -> session.getCommand();
      case LiveTarget.Program program -> CommandName.of(program.command().getFirst());
      case LiveTarget.Processes processes when processes.tgids().size() == 1 ->
          "process " + list(processes.tgids()) + " (" + CommandName.of(session.getCommand()) + ")";
      case LiveTarget.Processes processes -> "processes " + list(processes.tgids());
    };
  }

  private static String list(List<Integer> tgids) {
    return tgids.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
