package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.Tracefs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** The first PID namespace's number (include/linux/proc_ns.h, PROC_PID_INIT_INO). */
  private static final String FIRST_PID_NAMESPACE = "pid:[4026531836]";

  private TraceSystems() {}

  static String own() {
    return "unfreed_" + ProcessHandle.current().pid() + "_" + SESSIONS.incrementAndGet();
  }

  static void sweep(Tracefs tracefs) {
    if (!seesEveryProcess()) {
      return; // whether another's is alive cannot be known here
    }
    for (String system : tracefs.groups()) {
      Matcher name = NAME.matcher(system);
      if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
        tracefs.removeGroup(system);
      }
    }
  }

  private static boolean seesEveryProcess() {
    try {
      Path namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
      return namespace.toString().equals(FIRST_PID_NAMESPACE);
    } catch (IOException unreadable) {
      return false;
    }
  }
}
