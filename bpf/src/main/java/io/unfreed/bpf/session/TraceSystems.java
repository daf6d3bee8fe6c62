package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.Tracefs;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names under which sessions define trace events. A killed session's definitions stay behind,
 * without effect: nothing is probed once its perf events are gone. The next session takes them
 * away.
 */
final class TraceSystems {
  private static final Pattern NAME = Pattern.compile("unfreed_(\\d+)_\\d+");
  private static final AtomicInteger SESSIONS = new AtomicInteger();

  private TraceSystems() {}

  static String own() {
    return "unfreed_" + ProcessHandle.current().pid() + "_" + SESSIONS.incrementAndGet();
  }

  static void sweep(Tracefs tracefs) {
    if (!PidNamespace.isKnownAsHosts()) {
      return; // whether another's is alive cannot be known here
    }
    for (String system : tracefs.groups()) {
      Matcher name = NAME.matcher(system);
      if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
        tracefs.removeGroup(system);
      }
    }
  }
}
