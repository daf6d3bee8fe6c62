package io.unfreed.cli.live;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.session.LiveSession;
import io.unfreed.cli.CommandRun;
import io.unfreed.shim.ShimLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the tests that record for real share. */
final class KernelHost {
  private static final Path SOURCES = Path.of("../replay-data/workloads").toAbsolutePath();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static Path built;

  private KernelHost() {}

  /** Skips the test, with a printed reason, where nothing can be recorded. */
  static void assumeRecording() {
    skipUnless(LiveSession.unavailable().isEmpty(), LiveSession.unavailable().orElse("available"));
    List<String> missing = BpfPermissionException.missingCapabilities();
    skipUnless(missing.isEmpty(), "not root: missing " + missing);
    assumeTool("gcc");
    assumeTool("make");
  }

  /** Skips the test, with a printed reason, where the library that records was not built. */
  static void assumeShim() {
    String why = ShimLibrary.unavailable().orElse("available");
    skipUnless("shim", ShimLibrary.unavailable().isEmpty(), why);
    for (String tool : List.of("gcc", "make")) {
      skipUnless("shim", isInstalled(tool), tool + " is not installed");
    }
  }

  /**
   * Skips the test, with a printed reason, where the program that needs a library was not built.
   */
  static void assumeProgram(String name) throws IOException, InterruptedException {
    skipUnless(
        "library", Files.isExecutable(Path.of(program(name))), name + ": its library is missing");
  }

  /** Skips the test, with a printed reason, where this is not root. */
  static void assumeRoot() {
    skipUnless("kernel", System.getProperty("user.name").equals("root"), "not root");
  }

  /** Skips the test, with a printed reason, where probes need CAP_SYS_ADMIN or another kernel. */
  static void assumeUprobeLinks() {
    skipUnless(
        BpfObject.hasKernelFunction("bpf_uprobe_multi_link_attach"), "no uprobe_multi links");
  }

  /** Skips the test, with a printed reason, where a program is missing. */
  static void assumeTool(String tool) {
    skipUnless(isInstalled(tool), tool + " is not installed");
  }

  static boolean isInstalled(String tool) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(d -> Files.isExecutable(Path.of(d, tool)));
  }

  private static void skipUnless(boolean condition, String reason) {
    skipUnless("kernel", condition, reason);
  }

  static void skipUnless(String tag, boolean condition, String reason) {
    if (!condition) {
      System.err.println("SKIPPED: " + tag + ": " + reason);
    }
    assumeTrue(condition, tag + ": " + reason);
  }

  /** Whether a file name is one of the workloads' sources, or made of one. */
  static boolean isWorkloadSource(String file) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    return Files.exists(SOURCES.resolve(name)) || name.matches("plug_(a|b|lazy)\\.c");
  }

  /** A workload program, built once per test run into target/. */
  static synchronized String program(String name) throws IOException, InterruptedException {
    if (built == null) {
      Path out = Path.of("target/workloads").toAbsolutePath();
      Files.createDirectories(out);
      Process make =
          new ProcessBuilder("make", "-s", "OUT=" + out)
              .directory(SOURCES.normalize().toFile())
              .inheritIO()
              .start();
      if (make.waitFor() != 0) {
        throw new IOException("make failed");
      }
      built = out;
    }
    return built.resolve(name).toString();
  }

  /** The fields of a line of {@code name=number} words. */
  static Map<String, Long> numbers(String line) {
    return Arrays.stream(line.split(" "))
        .filter(word -> word.contains("="))
        .map(word -> word.split("="))
        .collect(Collectors.toMap(w -> w[0], w -> Long.parseLong(w[1]), (a, b) -> b, TreeMap::new));
  }

  /** The reports of a command that prints JSON. */
  static List<JsonNode> reports(String... arguments) throws IOException {
    CommandRun run = CommandRun.of(arguments);
    if (run.exitCode() != 0) {
      throw new AssertionError(String.join(" ", arguments) + ": " + run.err());
    }
    return parse(run.outLines());
  }

  static List<JsonNode> parse(List<String> lines) throws IOException {
    List<JsonNode> reports = new java.util.ArrayList<>();
    for (String line : lines) {
      reports.add(JSON.readTree(line));
    }
    return reports;
  }
}
