package io.unfreed.render;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.text.Printable;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** How a session was recorded, and what that way does not see. */
public final class SessionSource {
  /** How an entry of a session's probes begins that names something this way does not see. */
  private static final String NOT_SEEN = "not seen: ";

  private SessionSource() {}

  /** As in JSON; null for a source of a later version. */
  public static String name(Session session) {
    return session.getSource() == Source.OTHER
        ? null
        : session.getSource().name().toLowerCase(Locale.ROOT);
  }

  /** What was not seen, in the recorder's words. */
  static List<String> notSeen(Session session) {
    return session.getProbes().stream()
        .filter(probe -> probe.startsWith(NOT_SEEN))
        .map(probe -> probe.substring(NOT_SEEN.length()))
        .toList();
  }

  /** Lines behind the reports of a session that Unfreed recorded itself. */
  static void print(Session session, PrintStream out) {
    String how =
        switch (session.getSource()) {
          case EBPF -> "ebpf (probes of the kernel)";
          case SHIM -> "shim (a library in the process)";
          case HEAPTRACK, MTRACE, OTHER -> null;
        };
    if (how != null) {
      out.println("    recorded by: " + how);
      notSeen(session).forEach(what -> out.println("    " + NOT_SEEN + Printable.of(what)));
    }
  }
}
