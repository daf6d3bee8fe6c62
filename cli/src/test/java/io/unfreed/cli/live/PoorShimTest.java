package io.unfreed.cli.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the library cannot record: a line each, and the program is never harmed. */
class PoorShimTest {
  private static final List<String> NO_PRIVILEGE =
      List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs");

  @TempDir Path directory;
  private Path file;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @BeforeEach
  void chooseFile() {
    file = directory.resolve("poor.capture");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/no/such/directory", "/proc/self/fd", "/dev/null"})
  void shouldNotStartTheCommandWhereNoRingsCanBeMade(String rings) throws Exception {
    try (UnfreedProcess run =
        recording(List.of(), Map.of("UNFREED_RING_DIR", rings), "echo", "x")) {
      assertThat(run.await()).isEqualTo(1);
      assertThat(run.err())
          .startsWith("unfreed: " + rings + ": no directory for rings can be made");
      assertThat(run.err()).hasLineCount(1);
      assertThat(run.out()).isEmpty();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldNotStartTheCommandWhereRingsHaveNoMemory() throws Exception {
    KernelHost.assumeRoot();
    KernelHost.assumeTool("unshare");
    Path rings = Files.createDirectory(directory.resolve("rings"));
    String mount = "mount -t tmpfs -o size=64k none '" + rings + "' && exec \"$@\"";
    List<String> before = List.of("unshare", "--mount", "sh", "-c", mount, "sh");
    Map<String, String> there = Map.of("UNFREED_RING_DIR", rings.toString());
    try (UnfreedProcess run = recording(before, there, "echo", "x")) {
      assertThat(run.await()).isEqualTo(1);
      assertThat(run.err())
          .startsWith("unfreed: " + rings)
          .endsWith(": no memory for rings\n")
          .hasLineCount(1);
      assertThat(run.out()).isEmpty();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldLeaveNothingWhereNoLockCanBeMade() throws Exception {
    KernelHost.assumeRoot();
    KernelHost.assumeTool("unshare");
    Path rings = Files.createDirectory(directory.resolve("rings"));
    String script =
        "mount -t tmpfs -o nr_inodes=2 none '" + rings + "' && \"$@\"; ls -A '" + rings + "'";
    List<String> before = List.of("unshare", "--mount", "sh", "-c", script, "sh");
    Map<String, String> there = Map.of("UNFREED_RING_DIR", rings.toString());
    try (UnfreedProcess run = recording(before, there, "echo", "x")) {
      run.awaitExit();
      assertThat(run.err()).startsWith("unfreed: " + rings + ": no directory for rings can be");
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void shouldFindTheRingsFromAnotherDirectory() throws Exception {
    List<String> before = List.of("sh", "-c", "cd '" + directory + "' && exec \"$@\"", "sh");
    Map<String, String> here = Map.of("UNFREED_RING_DIR", ".");
    String script = "cd /; exec " + KernelHost.program("alloc_nofp") + " malloc --now";
    try (UnfreedProcess run = recording(before, here, "sh", "-c", script)) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      Truth.of(run.out().lines().toList()).linesAreTold("another directory", report());
    }
  }

  @Test
  void shouldRecordAProgramThatMayOpenFourFiles() throws Exception {
    // The limit is on numbers, and a command begins with whatever else was open: closed first.
    String close =
        "for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -lt 3 ] || eval \"exec $n>&-\"; done; ";
    Truth truth = limited(close + "ulimit -n 4");
    truth.linesAreTold("ulimit -n 4", report());
  }

  @Test
  void shouldLeaveAProgramAloneWhoseAddressSpaceIsTooSmall() throws Exception {
    limited("prlimit --as=2000000000 --pid $$");
    JsonNode report = report();
    assertThat(report.at("/process/recordedFromNanos").isNull()).isTrue();
    assertThat(report.at("/session/notSeen").toString())
        .containsPattern("a process of [^\"]*, with too little address space");
  }

  @Test
  void shouldRecordAProgramWithinALimitThatTheRecordedShellSets() throws Exception {
    Truth truth = limited("ulimit -v 2000000; ulimit -v");
    JsonNode report = report();
    truth.linesAreTold("ulimit -v 2000000", report);
    assertThat(report.at("/process/recordedFromNanos").asLong(-1)).isZero();
  }

  @Test
  void shouldNotGiveTheRingsMemoryWhenAProgramLocksAllOfIts() throws Exception {
    KernelHost.assumeRoot();
    KernelHost.assumeTool("unshare");
    Path rings = Files.createDirectory(directory.resolve("rings"));
    String mount = "mount -t tmpfs -o size=100m none '" + rings + "' && exec \"$@\"";
    List<String> before = List.of("unshare", "--mount", "sh", "-c", mount, "sh");
    Map<String, String> there = Map.of("UNFREED_RING_DIR", rings.toString());
    String program = KernelHost.program("alloc_nofp");
    try (UnfreedProcess run = recording(before, there, program, "locked", "--now")) {
      assertThat(run.await()).isZero();
      assertThat(run.out().lines())
          .contains("locked little", "later mappings are not locked")
          .noneMatch(l -> l.contains("nothing"));
      Truth.of(run.out().lines().toList()).isTold("locked", report());
    }
  }

  @Test
  void shouldLetAProgramLockWhatItMayAndNoMore() throws Exception {
    KernelHost.assumeRoot();
    KernelHost.assumeTool("setpriv");
    List<String> before = new ArrayList<>(List.of("prlimit", "--memlock=8388608"));
    before.addAll(NO_PRIVILEGE);
    String program = KernelHost.program("alloc_nofp");
    try (UnfreedProcess run = recording(before, Map.of(), program, "locked_limited", "--now")) {
      assertThat(run.await()).isZero();
      assertThat(run.out().lines())
          .contains("later mappings are not locked", "still locked 4 of 4")
          .noneMatch(l -> l.contains("nothing"));
      Truth.of(run.out().lines().toList()).isTold("locked_limited", report());
    }
  }

  /** A shell takes the limit upon itself and becomes the program. */
  private Truth limited(String limit) throws Exception {
    String command = KernelHost.program("alloc_nofp") + " malloc --now";
    String script = limit + "; exec " + command;
    try (UnfreedProcess run = recording(List.of(), Map.of(), "bash", "-c", script)) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      return Truth.of(run.out().lines().toList());
    }
  }

  @Test
  void shouldRecordACommandWithoutAnyPrivilege() throws Exception {
    KernelHost.assumeTool("setpriv");
    String[] command = {KernelHost.program("alloc_nofp"), "malloc,realloc,mmap,storm", "--now"};
    Truth truth;
    try (UnfreedProcess run = recording(NO_PRIVILEGE, Map.of(), command)) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      truth = Truth.of(run.out().lines().toList());
    }
    truth.isTold("without privilege", report());
  }

  @Test
  void shouldSayWhyAStaticProgramIsNotRecordedWithoutPrivilege() throws Exception {
    KernelHost.assumeTool("setpriv");
    String program = KernelHost.program("owner_static");
    try (UnfreedProcess run = recording(NO_PRIVILEGE, Map.of(), program, "sized", "--now")) {
      assertThat(run.await()).isEqualTo(3);
      assertThat(run.err())
          .startsWith("unfreed: recording by probes: " + program + " is linked statically\n")
          .contains("recording needs CAP_")
          .hasLineCount(2);
      assertThat(run.out()).isEmpty();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldRefuseAStaticProgramWhenTheLibraryIsAskedFor() throws Exception {
    refused(KernelHost.program("owner_static"), " is linked statically");
  }

  @Test
  void shouldRefuseAProgramThatChangesItsGroup() throws Exception {
    Path program = directory.resolve("setgid");
    Files.copy(Path.of(KernelHost.program("alloc")), program);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(new ProcessBuilder("chmod", "g+s", program.toString()).start().waitFor()).isZero();
    refused(program.toString(), " is setuid or setgid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"address", "thread"})
  void shouldNotBeInAProgramWithASanitizer(String sanitizer) throws Exception {
    Path source = directory.resolve("clean.c");
    Files.writeString(source, "#include <stdio.h>\nint main(void) { return puts(\"ran\") < 0; }");
    Path program = directory.resolve("clean");
    List<String> gcc =
        List.of("gcc", "-fsanitize=" + sanitizer, "-o", program.toString(), source.toString());
    KernelHost.skipUnless(
        "library",
        new ProcessBuilder(gcc).start().waitFor() == 0,
        "gcc -fsanitize=" + sanitizer + " does not link");
    KernelHost.skipUnless(
        "library", new ProcessBuilder(program.toString()).start().waitFor() == 0, "does not run");
    try (UnfreedProcess run =
        recording(List.of(), Map.of(), "sh", "-c", "exec '" + program + "'")) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).isEqualTo("ran\n");
    }
    assertThat(report().at("/session/notSeen").toString()).contains(program.toString());
    Files.delete(file);
    String library = "lib" + sanitizer.charAt(0) + "san.so.";
    try (UnfreedProcess run =
        new UnfreedProcess(
            "record", "-o", file.toString(), "--probe", "shim", "--", program.toString())) {
      assertThat(run.await()).isEqualTo(1);
      assertThat(run.err())
          .startsWith("unfreed: --probe shim: " + program + " needs " + library)
          .endsWith(" ahead of other libraries\n")
          .hasLineCount(1);
    }
  }

  @Test
  void shouldNotBeInAProgramThatASanitizerIsPreloadedInto() throws Exception {
    String preload = "LD_PRELOAD=" + sanitizer();
    String leaks = "ASAN_OPTIONS=detect_leaks=0";
    try (UnfreedProcess run =
        recording(List.of(), Map.of(), "env", preload, leaks, "/bin/echo", "ran")) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).isEqualTo("ran\n");
    }
    assertThat(report().at("/session/notSeen").toString()).contains("/bin/echo");
  }

  /** AddressSanitizer's library, as gcc would link it. */
  private static Path sanitizer() throws Exception {
    Process gcc = new ProcessBuilder("gcc", "-print-file-name=libasan.so").start();
    Path library = Path.of(new String(gcc.getInputStream().readAllBytes(), UTF_8).strip());
    KernelHost.skipUnless("library", library.isAbsolute(), "gcc has no libasan.so");
    return library.toRealPath();
  }

  private void refused(String program, String why) throws Exception {
    try (UnfreedProcess run =
        new UnfreedProcess("record", "-o", file.toString(), "--probe", "shim", "--", program)) {
      assertThat(run.await()).isEqualTo(1);
      assertThat(run.err()).isEqualTo("unfreed: --probe shim: " + program + why + "\n");
      assertThat(run.out()).isEmpty();
    }
    assertThat(file).doesNotExist();
  }

  private UnfreedProcess recording(
      List<String> before, Map<String, String> environment, String... command) throws Exception {
    List<String> all = new ArrayList<>(List.of("record", "-o", file.toString(), "--"));
    all.addAll(List.of(command));
    return new UnfreedProcess(before, environment, all.toArray(String[]::new));
  }

  private JsonNode report() throws Exception {
    return KernelHost.reports("report", file.toString(), "--format", "json", "--top", "0")
        .getLast();
  }
}
