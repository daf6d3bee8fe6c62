package io.unfreed.cli.live;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.ffi.NativeLibraries;
import io.unfreed.bpf.session.LiveSession;
import io.unfreed.bpf.session.PidNamespace;
import io.unfreed.bpf.trace.TraceSession;
import io.unfreed.bpf.trace.Tracer;
import io.unfreed.bpf.unwind.UnwindTables;
import io.unfreed.shim.ShimLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One thing that recording needs or is better with.
 *
 * @param found what is there
 * @param meaning what follows from it
 * @param advice what to do; empty when nothing is to be done
 */
public record HostCheck(Verdict verdict, String name, String found, String meaning, String advice) {
  /** Whether recording works with what was found. */
  public enum Verdict {
    GOOD("ok"),
    POORER("note"),
    MISSING("missing");

    private final String word;

    Verdict(String word) {
      this.word = word;
    }

    /** As it is printed. */
    public String word() {
      return word;
    }
  }

  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final long UNLIMITED = Long.MAX_VALUE;

  /** Looks at everything; what is tried costs some tenths of a second. */
  public static List<HostCheck> all() {
    List<HostCheck> checks = new ArrayList<>();
    checks.add(architecture());
    checks.add(library());
    checks.add(kernel());
    checks.add(btf());
    checks.add(privileges());
    checks.add(processes());
    checks.add(memlock());
    checks.add(libbpf());
    checks.add(libdw());
    checks.add(tracefs());
    checks.add(stacks());
    if (checks.stream().noneMatch(c -> c.verdict() == Verdict.MISSING)) {
      checks.add(probes());
      checks.add(pageFaults());
      checks.add(tracers());
    }
    return checks;
  }

  private static HostCheck good(String name, String found, String meaning) {
    return new HostCheck(Verdict.GOOD, name, found, meaning, "");
  }

  private static HostCheck architecture() {
    String machine = System.getProperty("os.arch");
    return machine.equals("amd64")
        ? good("machine", machine, "its calls and stacks can be recorded")
        : new HostCheck(
            Verdict.MISSING, "machine", machine, "only x86-64 is recorded", "record on x86-64");
  }

  private static HostCheck library() {
    return ShimLibrary.unavailable()
        .map(why ->
            new HostCheck(
                Verdict.POORER,
                "library",
                "not built",
                "only probes can record: slower, shorter stacks, root",
                why))
        .orElseGet(() ->
            good(
                "library",
                "libunfreed-shim.so",
                "commands, and processes of one's own, are recorded without root, whole stacks"));
  }

  private static HostCheck kernel() {
    String release = System.getProperty("os.version");
    Matcher version = RELEASE.matcher(release);
    int number =
        version.matches()
            ? Integer.parseInt(version.group(1)) * 1000 + Integer.parseInt(version.group(2))
            : 0;
    if (number >= 6001) {
      return good("kernel", release, "processes and the kernel itself can be recorded");
    }
    return number >= 5017
        ? new HostCheck(
            Verdict.POORER,
            "kernel",
            release,
            "processes can be recorded, the kernel itself cannot",
            "for --kernel: Linux 6.1 or newer")
        : new HostCheck(
            Verdict.MISSING,
            "kernel",
            release,
            "too old for what the BPF program uses",
            "Linux 5.17 or newer; heaptrack traces can be imported meanwhile");
  }

  private static HostCheck btf() {
    return Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"))
        ? good("BTF", "/sys/kernel/btf/vmlinux", "the BPF program fits itself to this kernel")
        : new HostCheck(
            Verdict.MISSING,
            "BTF",
            "no /sys/kernel/btf/vmlinux",
            "the BPF program cannot fit itself to this kernel",
            "a kernel built with CONFIG_DEBUG_INFO_BTF");
  }

  private static HostCheck privileges() {
    List<String> missing = BpfPermissionException.missingCapabilities();
    if (!missing.isEmpty() && !BpfPermissionException.forbidsAll()) {
      return new HostCheck(
          Verdict.POORER,
          "privileges",
          "CAP_BPF, CAP_PERFMON, not CAP_SYS_PTRACE",
          "commands and this user's processes can be probed; those of others where the kernel lets"
              + " CAP_PERFMON read what they map",
          "for the processes of others on every kernel: CAP_SYS_PTRACE");
    }
    return missing.isEmpty()
        ? good(
            "privileges",
            "CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE",
            "programs can be loaded and any process probed")
        : new HostCheck(
            Verdict.MISSING,
            "privileges",
            "not " + String.join(", ", missing),
            "the kernel refuses to load or attach probes",
            "sudo unfreed record ..., or give these capabilities to its JVM");
  }

  private static HostCheck processes() {
    return PidNamespace.isForeign()
        ? new HostCheck(
            Verdict.MISSING,
            "processes",
            "a pid namespace of its own",
            "the kernel knows processes by other numbers than are seen here",
            "run it in the host's pid namespace (docker run --pid host)")
        : good("processes", "numbered as the kernel does", "those that are named are recorded");
  }

  /** What the others promise, done. */
  private static HostCheck probes() {
    try {
      return good("probes", LiveSession.tryOut(), "tried: loaded, and attached to a command");
    } catch (BpfException | IOException refused) {
      return new HostCheck(
          Verdict.MISSING,
          "probes",
          "tried: " + refused.getMessage(),
          "probes cannot record here",
          "record with --probe shim, or run as root");
    }
  }

  private static HostCheck pageFaults() {
    return LiveSession.pageFaultsUnavailable()
        .map(why ->
            new HostCheck(
                Verdict.POORER,
                "page faults",
                why,
                "--syscalls records what is mapped, not what makes it resident (--page-faults)",
                "a kernel with tracepoints for exceptions"))
        .orElseGet(() ->
            good(
                "page faults",
                "exceptions:page_fault_user",
                "--syscalls --page-faults tells what makes memory resident"));
  }

  private static HostCheck tracers() {
    List<String> missing =
        Arrays.stream(Tracer.values())
            .flatMap(tracer -> TraceSession.missing(tracer).stream())
            .distinct()
            .toList();
    return missing.isEmpty()
        ? good("tracers", "tracepoints of all", "trace syscalls, locks, io and memory run here")
        : new HostCheck(
            Verdict.POORER,
            "tracers",
            "no tracepoint " + String.join(", ", missing),
            "trace does not run for what needs it: "
                + Arrays.stream(Tracer.values())
                    .filter(tracer -> !TraceSession.missing(tracer).isEmpty())
                    .map(tracer -> tracer.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ")),
            "bpftrace or bcc with kprobes, where this kernel has them");
  }

  private static HostCheck memlock() {
    long limit = memlockBytes();
    String found = limit == UNLIMITED ? "unlimited" : limit < 0 ? "unknown" : limit / 1024 + " kB";
    return good(
        "memlock",
        found,
        "BPF memory counts against the memory cgroup from Linux 5.11, not against this limit");
  }

  private static long memlockBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max locked memory")) {
          String soft = line.substring(26).strip().split("\\s+")[0];
          return soft.equals("unlimited") ? UNLIMITED : Long.parseLong(soft);
        }
      }
    } catch (IOException noProc) {
      return -1;
    }
    return -1;
  }

  private static HostCheck libbpf() {
    Optional<String> unavailable = LiveSession.unavailable();
    return unavailable.isEmpty()
        ? good("libbpf", "libbpf.so.1, and this build's BPF program", "programs can be loaded")
        : new HostCheck(
            Verdict.MISSING,
            "libbpf",
            unavailable.get().split(": ", 2)[0],
            "no BPF program can be loaded",
            unavailable.get().replaceFirst("^[^:]*: ", ""));
  }

  private static HostCheck libdw() {
    return NativeLibraries.libdw().isPresent()
        ? good("libdw", "libdw.so.1", "frames have source lines where debug info is installed")
        : new HostCheck(
            Verdict.POORER,
            "libdw",
            "no libdw.so.1",
            "frames have function names, but no source lines and no inlined calls",
            "Debian: apt install libdw1");
  }

  private static HostCheck tracefs() {
    for (String place : List.of("/sys/kernel/tracing", "/sys/kernel/debug/tracing")) {
      if (Files.isDirectory(Path.of(place, "events", "kmem"))) {
        return good("tracefs", place, "tracepoints of this kernel can be looked at");
      }
    }
    return new HostCheck(
        Verdict.POORER,
        "tracefs",
        "not mounted or not readable",
        "recording does not need it; other tools such as bpftrace do",
        "mount -t tracefs tracefs /sys/kernel/tracing");
  }

  private static HostCheck stacks() {
    if (UnwindTables.arePossible()) {
      return good(
          "stacks",
          "probes and the library unwind by call frame information",
          "code without it, as some runtimes generate, needs frame pointers; recordings count it");
    }
    return new HostCheck(
        Verdict.POORER,
        "stacks",
        "probes walk frame pointers, the library unwinds",
        "by probes, code without them, as distributions build, gives short or cut stacks;"
            + " recordings count them",
        "install libc6-dev and build again, or record with --probe shim");
  }
}
