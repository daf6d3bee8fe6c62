package io.unfreed.shim.inject;

import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What is asked before anything is touched: each refusal is one clause about the process. */
final class Admission {
  private static final String SECCOMP_FILTER = "2";
  private static final int ELF_CLASS_64 = 2;

  private Admission() {}

  /** Where the process's dynamic loader is. */
  static long loaderBase(TargetProcess process) throws IOException, InjectionRefusedException {
    if (!Files.exists(process.path("status"))) {
      throw new InjectionRefusedException("there is no such process");
    }
    checkState(process, process.status());
    try {
      checkProgram(process);
      long base = process.loaderBase();
      if (base == 0) {
        throw new InjectionRefusedException(
            "its program is statically linked: there is no loader to load a library with");
      }
      checkLoader(process, base);
      return base;
    } catch (AccessDeniedException denied) {
      throw notPermitted(process);
    }
  }

  private static void checkState(TargetProcess process, Map<String, String> status)
      throws InjectionRefusedException {
    String tgid = Integer.toString(process.tgid());
    if (!tgid.equals(status.get("Tgid"))) {
      throw new InjectionRefusedException("it is a thread of process " + status.get("Tgid"));
    }
    if (process.tgid() == ProcessHandle.current().pid()) {
      throw new InjectionRefusedException("it is this process itself");
    }
    if (Long.toString(ProcessHandle.current().pid()).equals(status.get("PPid"))) {
      // A JVM's thread that waits for a child's end would take its stops, and believe it ended.
      throw new InjectionRefusedException(
          "it is a child of this process, which can load the library at its start");
    }
    String state = status.getOrDefault("State", "?");
    if (state.startsWith("Z") || state.startsWith("X")) {
      throw new InjectionRefusedException("it has ended already (a zombie)");
    }
    if (!status.containsKey("VmSize")) {
      throw new InjectionRefusedException("it is a thread of the kernel");
    }
    String tracer = status.getOrDefault("TracerPid", "0");
    if (!tracer.equals("0")) {
      throw new InjectionRefusedException(
          "it is traced by process " + tracer + ", a debugger or strace");
    }
    if (state.startsWith("T")) {
      throw new InjectionRefusedException("it is stopped (SIGCONT lets it go on)");
    }
  }

  /** For an attach: filters are threads', and each thread will run the hooks. */
  static void checkAllThreads(TargetProcess process, InjectionConfig config)
      throws IOException, InjectionRefusedException {
    for (int tid : process.threads()) {
      Optional<String> sandbox = sandbox(process, tid, config);
      if (sandbox.isPresent()) {
        throw new InjectionRefusedException(sandbox.get());
      }
    }
  }

  /** For a detach: there must be a thread that may do what it takes. */
  static void checkSomeThread(TargetProcess process, InjectionConfig config)
      throws IOException, InjectionRefusedException {
    Optional<String> sandbox = Optional.empty();
    for (int tid : process.threads()) {
      sandbox = sandbox(process, tid, config);
      if (sandbox.isEmpty()) {
        return;
      }
    }
    if (sandbox.isPresent()) {
      throw new InjectionRefusedException(sandbox.get());
    }
  }

  /** Why a thread may not call what it is asked to; empty when it may, or has ended. */
  static Optional<String> sandbox(TargetProcess process, int tid, InjectionConfig config)
      throws IOException {
    Map<String, String> status;
    try {
      status = process.status(tid);
    } catch (NoSuchFileException ended) {
      return Optional.empty();
    }
    String seccomp = status.getOrDefault("Seccomp", "0");
    if (!seccomp.equals("0") && !(config.seccompAllowed() && seccomp.equals(SECCOMP_FILTER))) {
      return Optional.of(
          (tid == process.tgid() ? "it" : "a thread of it")
              + " runs under seccomp, which may kill it for the system calls that loading a library"
              + " takes");
    }
    return status.getOrDefault("x86_Thread_features", "").contains("shstk")
        ? Optional.of("it runs with a shadow stack")
        : Optional.empty();
  }

  private static void checkProgram(TargetProcess process)
      throws IOException, InjectionRefusedException {
    byte[] header;
    try (InputStream program = Files.newInputStream(process.path("exe"))) {
      header = program.readNBytes(20);
    }
    if (header.length < 20 || header[4] != ELF_CLASS_64) {
      throw new InjectionRefusedException("it is a 32-bit process");
    }
  }

  private static void checkLoader(TargetProcess process, long base)
      throws IOException, InjectionRefusedException {
    boolean musl =
        process.mappings().stream().anyMatch(m -> m.contains(base) && m.path().contains("musl"));
    if (musl) {
      throw new InjectionRefusedException(
          "it runs with musl, whose loader is not supported, only glibc's");
    }
  }

  /** Why the kernel said EPERM, as far as that can be told. */
  static InjectionRefusedException notPermitted(TargetProcess process) {
    String yama = read(Path.of("/proc/sys/kernel/yama/ptrace_scope"));
    if (yama.equals("3")) {
      return new InjectionRefusedException("kernel.yama.ptrace_scope is 3: nobody may trace");
    }
    String ours = firstUid(read(Path.of("/proc/self/status")));
    String theirs = firstUid(read(process.path("status")));
    if (!ours.equals("0") && !ours.equals(theirs)) {
      return new InjectionRefusedException(
          "it belongs to user " + theirs + ", and this is user " + ours);
    }
    if (!ours.equals("0") && (yama.equals("1") || yama.equals("2"))) {
      return new InjectionRefusedException(
          "kernel.yama.ptrace_scope is "
              + yama
              + ": a process of one's own may be traced only as root, or after setting it to 0");
    }
    return new InjectionRefusedException(
        "tracing it is not permitted: it has more privileges, is not dumpable, or this container"
            + " lacks CAP_SYS_PTRACE");
  }

  private static String firstUid(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("Uid:"))
        .findFirst()
        .map(line -> line.substring(4).strip().split("\\s+")[1])
        .orElse("?");
  }

  private static String read(Path file) {
    try {
      return ProcText.read(file).strip();
    } catch (IOException absent) {
      return "";
    }
  }
}
