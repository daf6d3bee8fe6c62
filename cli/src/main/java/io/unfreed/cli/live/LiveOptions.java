package io.unfreed.cli.live;

import io.unfreed.bpf.session.HostFilter;
import io.unfreed.bpf.session.LiveSessionConfig;
import io.unfreed.bpf.session.Unwinding;
import io.unfreed.cli.option.ByteSizes;
import io.unfreed.cli.option.Durations;
import io.unfreed.cli.option.HostOptions;
import io.unfreed.cli.option.SizeOptions;
import io.unfreed.collector.live.LivePlan;
import io.unfreed.collector.live.LiveTarget;
import io.unfreed.collector.live.ShimOptions;
import io.unfreed.query.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is recorded live, and how. */
public final class LiveOptions {
  private static final long SMALLEST_BUFFER_BYTES = 4096;
  private static final long LARGEST_BUFFER_BYTES = 1L << 30;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      split = ",",
      description = "Record these running processes.")
  private List<Integer> pids = new ArrayList<>();

  @Option(names = "--kernel", description = "Record the kernel's own allocations.")
  private boolean kernel;

  @Option(
      names = "--syscalls",
      description = {
        "Record what is mapped and the growth of the heap (mmap, munmap, mremap, brk), not what an",
        "allocator hands out: for static, stripped, Go and other programs whose allocator has no name."
      })
  private boolean systemCalls;

  @Option(
      names = "--page-faults",
      description = {
        "With --syscalls: which stacks make memory resident, by every page fault or every Nth",
        "(--sample-rate). Costs a stack per page that is touched for the first time."
      })
  private boolean pageFaults;

  @Option(
      names = "--cgroup",
      paramLabel = "GROUP",
      description = "With --syscalls: every process in this control group, now or later.")
  private String cgroup;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "With --syscalls: every process of this name (as in ps -o comm), now or later.")
  private String name;

  @Parameters(
      paramLabel = "CMD",
      arity = "0..*",
      description = "Behind --: start this command with its arguments and record it.")
  private List<String> command = new ArrayList<>();

  @Option(
      names = "--duration",
      paramLabel = "D",
      converter = Durations.class,
      description = "End the recording after D (250ms, 5s, 10m).")
  private Long durationNanos;

  @Option(
      names = "--sample-rate",
      paramLabel = "N",
      defaultValue = "1",
      description = "Record every Nth allocation call and its free (default: all).")
  private int sampleRate;

  @Mixin private SizeOptions sizes;

  @Option(names = "--follow-children", description = "Record the processes that targets start too.")
  private boolean followChildren;

  @Option(
      names = "--object",
      paramLabel = "PATH",
      description = "Probe only this program or library, as the target sees it; repeatable.")
  private List<Path> objects = new ArrayList<>();

  @Option(
      names = "--symbols-prefix",
      paramLabel = "P",
      defaultValue = "",
      description = "What the names of the allocator's functions start with, as in je_.")
  private String symbolsPrefix;

  @Option(names = "--percpu", description = "With --kernel: per-CPU allocations too.")
  private boolean percpu;

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      defaultValue = "16m",
      description = "Ring buffer, rounded up to a power of two (default: ${DEFAULT-VALUE}).")
  private long bufferBytes;

  @Option(
      names = "--probe",
      paramLabel = "auto|shim|uprobe",
      defaultValue = "auto",
      description = {
        "How calls are seen: by a library in the process (shim: whole stacks, fast, no root),",
        "or by probes of the kernel (uprobe). auto: for commands the library where it can see",
        "the allocator, else probes."
      })
  private ProbeWay probe;

  @Option(
      names = "--unwind",
      paramLabel = "auto|fp",
      defaultValue = "auto",
      description = {
        "How probes take stacks: by the call frame information of the code, whole without frame",
        "pointers (auto), or by frame pointers (fp), to compare."
      })
  private Unwind unwind;

  @Option(
      names = "--on-full",
      paramLabel = "wait|drop",
      defaultValue = "wait",
      description = "With the library: a full ring makes its thread wait, or drops and counts.")
  private OnFull onFull;

  @Option(
      names = "--free-stacks",
      description = "With the library: record the stack of each free too.")
  private boolean freeStacks;

  private enum Unwind {
    AUTO,
    FP
  }

  private enum OnFull {
    WAIT,
    DROP
  }

  @Option(
      names = "--ready",
      paramLabel = "FILE",
      description = {
        "Write FILE when recording has begun, before a command runs:",
        "one line, the session's id and the tgids. It stays."
      })
  private Path readyFile;

  /** Whether a command is started, which then owns stdin, stdout and stderr. */
  public boolean isCommand() {
    return !command.isEmpty();
  }

  /** What was asked for, checked. */
  public LivePlan plan(long tickNanos) {
    refuseIf(sampleRate < 1, "--sample-rate " + sampleRate + " is below 1");
    sizes.check();
    refuseIf(durationNanos != null && durationNanos <= 0, "--duration must be longer than 0");
    refuseIf(percpu && !kernel, "--percpu goes with --kernel");
    refuseIf(bufferBytes > LARGEST_BUFFER_BYTES, "--buffer " + bufferBytes + " is larger than 1g");
    LiveSessionConfig config =
        LiveSessionConfig.defaults()
            .withBufferBytes(roundedUp(bufferBytes))
            .withFilters(sizes.minBytes(), sizes.maxBytes(), sampleRate)
            .withFollowChildren(followChildren)
            .withObjects(objects, symbolsPrefix)
            .withUnwinding(unwind == Unwind.FP ? Unwinding.BY_FRAME_POINTERS : Unwinding.BY_RULES);
    LiveTarget target = target();
    refuseIf(pageFaults && !systemCalls, "--page-faults goes with --syscalls");
    refuseIf(pageFaults && sizes.isLimited(), "--page-faults needs mappings of every size");
    if (systemCalls) {
      config = config.withSystemCalls(filter(target));
    }
    if (pageFaults) {
      config = config.withPageFaults();
    }
    return new LivePlan(
        target,
        config,
        new ShimOptions(onFull == OnFull.DROP, freeStacks),
        tickNanos,
        durationNanos == null ? Long.MAX_VALUE : durationNanos);
  }

  /** How calls are to be seen. */
  public ProbeWay probe() {
    return probe;
  }

  /** The file that says that recording has begun; null for none. Asked once: makes room for it. */
  public ReadyFile readyFile() {
    return readyFile == null ? null : ReadyFile.at(readyFile);
  }

  private static Optional<HostFilter> filter(LiveTarget target) {
    return target instanceof LiveTarget.Host host ? Optional.of(host.filter()) : Optional.empty();
  }

  private LiveTarget target() {
    boolean host = cgroup != null || name != null;
    int given =
        (pids.isEmpty() ? 0 : 1) + (kernel ? 1 : 0) + (command.isEmpty() ? 0 : 1) + (host ? 1 : 0);
    refuseIf(host && !systemCalls, "--cgroup and --name go with --syscalls");
    refuseIf(kernel && systemCalls, "--syscalls records processes, not the kernel");
    refuseIf(
        systemCalls && !(objects.isEmpty() && symbolsPrefix.isEmpty()),
        "--object and --symbols-prefix say what to probe: not with --syscalls");
    refuseIf(
        given != 1,
        systemCalls
            ? "record what? Give one of -p PID, -- CMD, or --cgroup and --name"
            : "record what? Give one of -p PID, --kernel or -- CMD");
    if (host) {
      return new LiveTarget.Host(HostOptions.filter(name, cgroup));
    }
    if (kernel) {
      return new LiveTarget.Kernel(percpu);
    }
    if (!command.isEmpty()) {
      return new LiveTarget.Program(command);
    }
    return new LiveTarget.Processes(AskedProcesses.of(pids));
  }

  private static int roundedUp(long bytes) {
    long least = Math.max(bytes, SMALLEST_BUFFER_BYTES);
    return (int) (Long.bitCount(least) == 1 ? least : Long.highestOneBit(least) << 1);
  }

  private static void refuseIf(boolean wrong, String line) {
    if (wrong) {
      throw new UsageException(line);
    }
  }
}
