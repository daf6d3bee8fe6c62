package io.unfreed.collector.live;

import io.unfreed.bpf.session.AttachReport;
import io.unfreed.bpf.session.LiveSessionConfig;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is written down about a session, and the lines about its probes. */
final class SessionFacts {
  private static final String NOT_SEEN = "not seen: ";

  private final LivePlan plan;
  private final Source source;
  private final List<String> probes = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private String id;
  private Long memoryLimitBytes;

  SessionFacts(LivePlan plan, Source source) {
    this.plan = plan;
    this.source = source;
  }

  /** The session's id, made with its start. */
  String begin(SessionClock clock) {
    memoryLimitBytes = memoryLimit();
    id = TimeOrderedId.at(clock.startEpochNanos() / 1_000_000);
    return id;
  }

  /** Notes what was probed; a time of 0 or less is the start. */
  void add(AttachReport report, long sessionNanos) {
    String since =
        sessionNanos > 0
            ? String.format(
                Locale.ROOT, ", process %d since +%.3fs", report.tgid(), sessionNanos / 1e9)
            : "";
    report.probed().forEach(probe -> probes.add(probe + since));
    report.notes().forEach(note -> probes.add("missing: " + note));
    notes.addAll(report.notes());
  }

  /**
   * Notes what was probed before the start.
   *
   * @throws IOException when that is nothing, so that nothing would be recorded
   */
  void addStart(AttachReport report, String target) throws IOException {
    add(report, 0);
    if (report.probed().isEmpty()) {
      String why =
          report.notes().isEmpty()
              ? "no object it maps defines an allocator function that was asked for;"
                  + " --syscalls records what it maps, without knowing its functions"
              : String.join("; ", report.notes());
      throw new IOException(target + ": nothing to probe: " + why);
    }
  }

  /** Notes how calls are seen. */
  void note(String probe) {
    probes.add(probe);
  }

  /** A line for the user. */
  void complain(String line) {
    notes.add(line);
  }

  /** Notes something that is not seen, once. */
  void notSeen(String what) {
    if (!probes.contains(NOT_SEEN + what)) {
      probes.add(NOT_SEEN + what);
    }
  }

  List<String> probes() {
    return List.copyOf(probes);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  Session session(SessionClock clock) {
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(source)
        .setFreeStacks(plan.shim().freeStacks())
        .setCommand(command())
        .setHost(ProcessFacts.line("/proc/sys/kernel/hostname"))
        .setBootId(ProcessFacts.line("/proc/sys/kernel/random/boot_id"))
        .setStartedEpochNanos(clock.startEpochNanos())
        .setTimed(true)
        .setTickNanos(plan.tickNanos())
        .setSampleRate(plan.config().sampleRate())
        .setRecordFilters(filters(plan.config()))
        .setProbes(probes())
        .setMemoryLimitBytes(memoryLimitBytes)
        .build();
  }

  /** The kernel as a program: its name and release. */
  String kernelName() {
    return "Linux " + ProcessFacts.line("/proc/sys/kernel/osrelease");
  }

  private String command() {
    return switch (plan.target()) {
      case LiveTarget.Program program -> String.join(" ", program.command());
      case LiveTarget.Kernel _ -> kernelName();
      case LiveTarget.Host host ->
          "every process"
              + host.filter().name().map(name -> " named " + name).orElse("")
              + host.filter().cgroup().map(group -> " in " + group.path()).orElse("");
      case LiveTarget.Processes processes -> {
        List<String> commands = new ArrayList<>();
        processes.tgids().forEach(tgid -> ProcessFacts.command(tgid).ifPresent(commands::add));
        yield commands.isEmpty() ? null : String.join(", ", commands);
      }
    };
  }

  /** As of the start; a command is in the groups of whoever starts it. */
  private Long memoryLimit() {
    return switch (plan.target()) {
      case LiveTarget.Program _ -> MemoryLimit.ofSelf();
      case LiveTarget.Kernel _, LiveTarget.Host _ -> null;
      case LiveTarget.Processes processes -> {
        Set<Optional<Long>> limits =
            processes.tgids().stream()
                .map(tgid -> Optional.ofNullable(MemoryLimit.of(tgid)))
                .collect(Collectors.toSet());
        yield limits.size() == 1 ? limits.iterator().next().orElse(null) : null;
      }
    };
  }

  private static Map<String, String> filters(LiveSessionConfig config) {
    Map<String, String> filters = new TreeMap<>();
    if (config.minSizeBytes() > 0) {
      filters.put("min-size", Long.toString(config.minSizeBytes()));
    }
    if (config.maxSizeBytes() < Long.MAX_VALUE) {
      filters.put("max-size", Long.toString(config.maxSizeBytes()));
    }
    if (config.sampleRate() > 1) {
      filters.put("sample-rate", Integer.toString(config.sampleRate()));
    }
    return filters;
  }
}
