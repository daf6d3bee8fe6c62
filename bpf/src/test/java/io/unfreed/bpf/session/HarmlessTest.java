package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recorder's death harms nobody: targets live on, a waiting command never starts. */
@Tag("kernel")
class HarmlessTest {
  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeCapture();
  }

  @Test
  void shouldLeaveTheTargetRunningWhenTheRecorderIsKilled() throws Exception {
    try (Workload workload = Workload.waiting("storm")) {
      Process recorder = recorder("attach", Integer.toString(workload.tgid()));
      BufferedReader output = recorder.inputReader();
      assertThat(output.readLine()).isEqualTo("attached");
      recorder.toHandle().destroyForcibly(); // unlike Process, it leaves our end of the pipe open
      assertThat(recorder.waitFor(30, TimeUnit.SECONDS)).isTrue();
      workload.go();
      Map<String, Long> did = workload.awaitNumbers("expect");
      assertThat(did.get("alloc")).isEqualTo(50021);
    }
  }

  @Test
  void shouldLetAParallelMakeGoOnWhenTheRecorderIsKilledInItsMiddle(@TempDir Path directory)
      throws Exception {
    CompiledC.assumeTool("make");
    ChildrenTest.makefile(directory, 60);
    Files.writeString(
        directory.resolve("Makefile"),
        "f69.o: f69.c\n\ti=0; until test -e go || test $$i = 9000; do sleep 0.01; i=$$((i+1)); done;"
            + " gcc -O0 -c -o $@ $<\n",
        StandardOpenOption.APPEND);
    Process recorder = recorder("make", directory.toString());
    await(() -> objects(directory) >= 5);
    recorder.toHandle().destroyForcibly();
    assertThat(recorder.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(objects(directory)).isLessThan(60);
    Files.createFile(directory.resolve("go"));
    await(() -> objects(directory) == 60);
  }

  private static long objects(Path directory) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".o")).count();
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + 120_000_000_000L;
    while (!condition.call()) {
      assertThat(System.nanoTime()).describedAs("waited in vain").isLessThan(end);
      Thread.sleep(2); // the pace of looking, not a wait for a result
    }
  }

  @Test
  void shouldNotStartTheCommandWhenTheRecorderIsKilledBeforeItsRelease() throws Exception {
    Process recorder = recorder("launch", Workload.directory().resolve("alloc").toString());
    long shell = Long.parseLong(recorder.inputReader().readLine());
    ProcessHandle waiting = ProcessHandle.of(shell).orElseThrow();
    recorder.toHandle().destroyForcibly(); // unlike Process, it leaves our end of the pipe open
    waiting.onExit().get(30, TimeUnit.SECONDS);
    // Had the command run, its usage would be the next line.
    assertThat(recorder.inputReader().readLine()).isNull();
  }

  private static Process recorder(String... arguments) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            HarmlessTest.class.getName(),
            arguments[0],
            arguments[1])
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** The recorder to be killed. */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("make")) {
      LiveSession following =
          LiveSession.open(LiveSessionConfig.defaults().withFollowChildren(true));
      following.launch(java.util.List.of("make", "-s", "-j2", "-C", arguments[1])).release();
      KernelTests.pollUntil(following, new Tally(), () -> false);
    }
    LiveSession session = LiveSession.open(LiveSessionConfig.defaults());
    if (arguments[0].equals("attach")) {
      session.attach(Integer.parseInt(arguments[1]));
      System.out.println("attached");
    } else {
      System.out.println(session.launch(java.util.List.of(arguments[1])).tgid());
    }
    Thread.currentThread().join();
  }
}
