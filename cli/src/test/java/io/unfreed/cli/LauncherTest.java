package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unfreed.shim.ShimLibrary;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a tree of its own, where packing the classes of this test run is the build. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("../unfreed");
  private static final List<String> MODULES =
      List.of(
          "schemas",
          "bpf",
          "shim",
          "collector",
          "streams",
          "broker",
          "query",
          "render",
          "server",
          "cli");
  private static final String JAR = Path.of(System.getProperty("java.home"), "bin/jar").toString();

  @TempDir Path tree;

  @BeforeEach
  void makeTree() throws Exception {
    Files.copy(LAUNCHER, tree.resolve("unfreed"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(tree.resolve("pom.xml"), "");
    for (String module : MODULES) {
      Files.createDirectories(tree.resolve(module));
      Files.writeString(tree.resolve(module).resolve("pom.xml"), "");
    }
    Path build = Files.writeString(tree.resolve("mvnw"), build());
    assertThat(build.toFile().setExecutable(true)).isTrue();
  }

  /** A script that does what Maven's package phase does. */
  private static String build() {
    List<String> lines =
        new ArrayList<>(List.of("#!/bin/sh", "set -e", "mkdir -p cli/target/unfreed/lib"));
    lines.add("echo built >>builds");
    int jars = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (entry.endsWith(".jar")) {
        String there = "cli/target/unfreed/lib/" + Path.of(entry).getFileName();
        lines.add("ln '%s' %s 2>/dev/null || cp '%s' %s".formatted(entry, there, entry, there));
      } else if (entry.endsWith("/classes")) {
        // Without the rehearsal there is no cache: it takes longer than all of this.
        lines.add("cp -r '" + entry + "' copy && rm -f copy/io/unfreed/cli/Rehearsal.class");
        lines.add(JAR + " cf cli/target/unfreed/lib/" + jars++ + ".jar -C copy . && rm -r copy");
      }
    }
    return String.join("\n", lines) + "\n";
  }

  @Test
  void shouldUnpackNoLibraryIntoTheTemporaryDirectory() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "SKIPPED: launcher: not x86-64");
    Path temporary = Files.createDirectory(tree.resolve("temporary"));
    String file =
        RecordingManifest.REPLAY_DATA.resolve("jq.mtrace.zst").toAbsolutePath().toString();
    start(Map.of(), "--version");

    Map<String, String> noDirectory =
        Map.of("UNFREED_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary.resolve("none"));

    assertThat(start(noDirectory, "report", file, "--top", "1")).contains("outstanding");
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }
  }

  /** Its classes would not be found: a stack trace. */
  @Test
  void shouldSayInOneLineThatTooFewFilesMayBeOpen() throws Exception {
    start(Map.of(), "--version");
    String limited = "ulimit -n 64 && exec ./unfreed --version";
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", limited).directory(tree.toFile());
    builder.environment().put("UNFREED_JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(said.lines().filter(line -> !line.startsWith("find: "))) // of this tree's modules
        .singleElement()
        .asString()
        .startsWith("unfreed: only 64 files may be open at once (ulimit -Hn): it needs ");
  }

  @Test
  void shouldCollectWithShortPausesWhenItServes() throws Exception {
    String told = "UNFREED_JAVA_OPTS";

    assertThat(start(Map.of(told, "-Xlog:gc:stderr"), "streams", "--describe"))
        .contains("Using G1");
    assertThat(start(Map.of(told, "-Xlog:gc:stderr"), "sessions", "--help"))
        .contains("Using Parallel");
    assertThat(start(Map.of(told, "-Xlog:gc:stderr -XX:+UseSerialGC"), "streams", "--describe"))
        .contains("Using Serial");
  }

  @Test
  void shouldCompileQuicklyWhenTheFilesAreSmallOrAProgramIsRecorded() throws Exception {
    Map<String, String> told = Map.of("UNFREED_JAVA_OPTS", "-XX:+PrintFlagsFinal");
    String small =
        RecordingManifest.REPLAY_DATA.resolve("jq.mtrace.zst").toAbsolutePath().toString();
    Path large = Files.write(tree.resolve("large"), new byte[1_000_001]);
    String quickly = "TieredStopAtLevel += 1 ";

    assertThat(start(told, "report", small, "--help")).containsPattern(quickly);
    assertThat(start(told, "report", "--help")).doesNotContainPattern(quickly);
    assertThat(start(told, "report", small, large.toString(), "--help"))
        .doesNotContainPattern(quickly);
    assertThat(start(told, "report", "--data-dir=none", small, "--help"))
        .doesNotContainPattern(quickly);
    assertThat(start(told, "replay", small, "--help")).containsPattern(quickly);
    assertThat(start(told, "replay", large.toString(), "--help")).doesNotContainPattern(quickly);
    assertThat(start(told, "record", "--help")).containsPattern(quickly);
    assertThat(start(told, "streams", "--help")).doesNotContainPattern(quickly);
  }

  /** The JVM loads all that is in a cache, so those who need no Kafka have one without. */
  @Test
  void shouldChooseTheCacheByWhetherABrokerIsNamed() throws Exception {
    start(Map.of(), "--version");
    Path out = tree.resolve("cli/target/unfreed");
    Files.writeString(out.resolve("files.aot"), "no cache");
    Map<String, String> told = Map.of("UNFREED_JAVA_OPTS", "-XX:+PrintFlagsFinal");
    String ofFiles = "AOTCache += \\S*/files.aot ";

    assertThat(start(told, "report", "--help")).containsPattern(ofFiles);
    assertThat(start(told, "view", "--help")).containsPattern(ofFiles);
    assertThat(start(told, "record", "--help", "--", "x", "--data-dir")).containsPattern(ofFiles);
    assertThat(start(told, "report", "--data-dir=none", "--help")).doesNotContainPattern(ofFiles);
    assertThat(start(told, "record", "--bootstrap-servers", "none:1", "--help"))
        .doesNotContainPattern(ofFiles);
    assertThat(start(told, "replay", "--help")).doesNotContainPattern(ofFiles);
  }

  @Test
  void shouldBuildAgainWhenACompilerHasCome() throws Exception {
    Files.createDirectories(tree.resolve("bpf/target"));
    assumeTrue(
        Files.exists(Path.of("/usr/include/bpf/bpf_helpers.h")),
        "SKIPPED: launcher: libbpf's headers are not installed");
    start(Map.of(), "--version");
    start(Map.of(), "--version");
    assertThat(tree.resolve("builds")).hasContent("built");

    Files.createFile(tree.resolve("bpf/target/without-program"));
    Path tools = Files.createDirectory(tree.resolve("tools"));
    Files.createSymbolicLink(tools.resolve("clang"), Path.of("/bin/true"));
    Map<String, String> withClang = Map.of("PATH", tools + ":" + System.getenv("PATH"));

    assertThat(start(withClang, "--version")).contains("there is a compiler now");
  }

  /** Bash and the launcher change some of the variables, the JVM what a child inherits. */
  @Test
  void shouldGiveARecordedCommandWhatItWasCalledWith() throws Exception {
    assumeTrue(ShimLibrary.unavailable().isEmpty(), "SKIPPED: shim: not built");
    start(Map.of(), "--version");
    List<String> launchers = List.of("home=H", "out=O", "log=", "lock=K", "modules=a b", "name=N");
    List<String> scripts =
        List.of("variables=v", "settings=-s", "prints=1", "unfreed_now=n", "self=*", "jdk=[x]$(y)");
    List<String> bashs = List.of("OLDPWD=/none", "IFS=x", "PS1=p", "PS4=z", "RANDOM=4", "PPID=3");
    List<String> others = List.of("a.b=1", "BASH_FUNC_f%%=() {  echo hi; }", "OPTIND=7", "_=u");
    List<String> variables = new ArrayList<>();
    List.of(launchers, scripts, bashs, others).forEach(variables::addAll);
    variables.add("PATH=" + System.getenv("PATH"));
    variables.add("UNFREED_JAVA_HOME=" + System.getProperty("java.home"));
    String script =
        "ulimit -Sn 123; echo 0x7f >/proc/$$/coredump_filter; exec env -i %s \"$@\""
            .formatted(String.join(" ", variables.stream().map(v -> "'" + v + "'").toList()));
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    String file = tree.resolve("called.capture").toString();
    command.addAll(List.of(tree.resolve("unfreed").toString(), "record", "-o", file, "--"));
    // Shells change their own, but not what they began with.
    String told = "ulimit -Sn; cat /proc/$$/coredump_filter; tr '\\0' '\\n' </proc/$$/environ";
    command.addAll(List.of("sh", "-c", told));

    List<String> lines = started(command, Map.of()).lines().toList();

    assertThat(lines).startsWith("123", "0000007f");
    assertThat(lines.subList(2, lines.size()))
        .filteredOn(line -> !line.matches("(LD_PRELOAD|UNFREED_SHIM)=.*|.*/unfreed-rings-.*"))
        .containsExactlyInAnyOrderElementsOf(variables);
  }

  /**
   * Its own descriptors, none that are ours, whatever their numbers; and a script as execvp(3) has
   * it.
   */
  @Test
  void shouldGiveARecordedCommandItsDescriptors() throws Exception {
    assumeTrue(ShimLibrary.unavailable().isEmpty(), "SKIPPED: shim: not built");
    start(Map.of(), "--version");
    Path script =
        Files.writeString(
            tree.resolve("script"), "cat <&8; cat <&9; cat 2>/dev/null || echo closed; exit 3\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    String run = "\"$@\" 8</etc/hostname 9</etc/hostname <&-; echo status $?";
    List<String> command = new ArrayList<>(List.of("sh", "-c", run, "sh"));
    String file = tree.resolve("descriptors.capture").toString();
    command.addAll(List.of(tree.resolve("unfreed").toString(), "record", "-o", file, "--"));
    command.add(script.toString());
    String host = Files.readString(Path.of("/etc/hostname"));

    assertThat(started(command, Map.of())).isEqualTo(host + host + "closed\nstatus 3\n");
    assertThat(start(Map.of(), "report", file)).contains("recorded by: shim");
  }

  @Test
  void shouldRecordWhereNothingMayBeRunFromTheTemporaryDirectory() throws Exception {
    assumeTrue(ShimLibrary.unavailable().isEmpty(), "SKIPPED: shim: not built");
    assumeTrue(System.getProperty("user.name").equals("root"), "SKIPPED: kernel: not root");
    start(Map.of(), "--version");
    String script =
        """
        mount --bind '%1$s' '%1$s' && mount -o remount,bind,noexec '%1$s' &&
        mount --bind '%2$s' '%2$s' && mount -o remount,bind,exec '%2$s' && exec "$@"
        """
            .formatted(System.getProperty("java.io.tmpdir"), tree);
    List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", script, "sh"));
    String file = tree.resolve("noexec.capture").toString();
    command.addAll(List.of(tree.resolve("unfreed").toString(), "record", "-o", file, "--"));
    command.addAll(List.of("echo", "ran"));

    assertThat(started(command, Map.of())).isEqualTo("ran\n");
    assertThat(start(Map.of(), "report", file)).contains("recorded by: shim");
  }

  /** What it printed to both streams. */
  private String start(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tree.resolve("unfreed").toString()));
    command.addAll(List.of(arguments));
    return started(command, environment);
  }

  private static String started(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("UNFREED_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }
}
