package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.schemas.SessionEnd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Commands recorded by the library, against what they print: each line's blocks, totals, nothing
 * lost, and every stack equal to that of libgcc's unwinder.
 */
class ShimTruthTest {
  private static final String HEAP =
      "malloc,calloc,realloc,reallocarray,posix_memalign,aligned,pages,cfree,failing,nested,pointers,"
          + "free_sized,storm,mmap,mremap,mremap_keep,fork,vfork";
  private static final String FRAMES =
      "longjmp,alloca,drap,deep,callback,signals,altstack,heapstack,siglongjmp,timer,fault,fibres,"
          + "heap_fibres,mallopt";
  private static final String CXX =
      "throw,rethrow,noexcept,operators,vector,new_handler,constructor";

  /** Said of a program that wraps malloc, whose calls reach the next one. */
  private static final String DEFINES_MALLOC =
      "wrap_malloc_nofp defines malloc itself: only what it takes from others is seen";

  private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");

  @TempDir Path directory;

  /**
   * A program to record.
   *
   * @param libcToo libc allocates on its own while it runs, or libstdc++ before
   * @param preload a library to preload, by its name; null for none
   */
  record Work(String program, String modes, boolean libcToo, int status, String preload) {
    static Work exact(String program, String modes) {
      return new Work(program, modes, false, 0, null);
    }

    static Work libcToo(String program, String modes) {
      return new Work(program, modes, true, 0, null);
    }

    static Work ends(String mode, int status) {
      return new Work("torture_nofp", mode, false, status, null);
    }

    static Work preloaded(String library) {
      return new Work("alloc_nofp", HEAP, true, 0, library);
    }

    /** One that counts what the loading of the checks' unwinder allocates would tell that, too. */
    boolean isChecked() {
      return !program.startsWith("wrap_malloc");
    }

    @Override
    public String toString() {
      return program + " " + modes + (preload == null ? "" : " with " + preload);
    }
  }

  static Stream<Work> works() {
    return Stream.of(
        Work.exact("alloc", HEAP),
        Work.exact("alloc_nofp", HEAP),
        Work.exact("alloc_nofp", "limited"),
        Work.libcToo("alloc_nofp", "threads"),
        Work.libcToo("alloc_nofp", "reuse"),
        Work.exact("torture", FRAMES),
        Work.exact("torture_nofp", FRAMES),
        Work.libcToo("torture_nofp", "realloc_storm"),
        Work.libcToo("torture_nofp", "mmap_storm"),
        Work.libcToo("torture_nofp", "many_threads"),
        Work.libcToo("torture_nofp", "thread_stream,keys"),
        Work.libcToo("torture_nofp", "spawn,reload,plugins,deepbind,resolver"),
        Work.libcToo("torture_nofp", "namespace"),
        Work.libcToo("torture_nofp", "fork_threads"),
        Work.libcToo("torture_nofp", "vfork_threads,raw_clone"),
        Work.libcToo("torture_nofp", "main_ends"),
        Work.ends("exit", 0),
        Work.ends("quick_exit", 0),
        Work.ends("_exit", 7),
        Work.ends("abort", 134),
        Work.ends("killed", 137),
        Work.ends("segfault", 139),
        Work.libcToo("torture_cxx", CXX),
        Work.libcToo("torture_cxx_nofp", CXX),
        Work.libcToo("torture_cxx_nofp", "thread_local"),
        new Work("torture_cxx_nofp", "terminate", true, 0, null),
        Work.libcToo("torture_jemalloc_nofp", "plain,mallocx,xallocx"),
        Work.libcToo("torture_mimalloc_nofp", "plain,aligned,realloc,heaps,heap_destroy"),
        Work.libcToo("torture_tcmalloc_nofp", "plain,realloc,operators"),
        Work.exact("wrap_malloc_nofp", "wrapped"),
        Work.preloaded("libjemalloc.so.2"),
        Work.preloaded("libtcmalloc_minimal.so.4"),
        Work.preloaded("libmimalloc.so.2"));
  }

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @ParameterizedTest
  @MethodSource("works")
  void shouldReportWhatTheCommandPrints(Work work) throws Exception {
    KernelHost.assumeProgram(work.program);
    Path file = directory.resolve("truth.capture");
    Truth truth = record(work, file);

    List<JsonNode> reports =
        KernelHost.reports("report", file.toString(), "--format", "json", "--top", "0");
    assertThat(reports).hasSize(1);
    JsonNode report = reports.getFirst();
    if (work.libcToo) {
      truth.totalsAreAmong(work.toString(), report);
    } else {
      truth.totalsAreTold(work.toString(), report);
    }
    truth.linesAreTold(work.toString(), report);
    assertThat(report.at("/session/source").asText()).isEqualTo("shim");
    assertThat(report.at("/process/recordedFromNanos").asLong()).isZero();

    SessionEnd end = Captured.end(file);
    assertThat(end.getLost()).isZero();
    if (work.isChecked()) {
      assertThat(Captured.counter(end, "stackChecks")).isPositive();
    }
    assertThat(Captured.counter(end, "stackMismatches")).isZero();
    assertThat(Captured.counter(end, "brokenRings")).isZero();
    assertThat(Captured.counter(end, "stacksStarved")).isZero();
  }

  private Truth record(Work work, Path file) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("record", "-o", file.toString(), "--probe", "shim", "--"));
    command.addAll(List.of(KernelHost.program(work.program), work.modes, "--now"));
    Map<String, String> environment = new HashMap<>();
    if (work.isChecked()) {
      environment.put("UNFREED_SHIM_CHECK", "1");
    }
    if (work.preload != null) {
      environment.put("LD_PRELOAD", installed(work.preload));
    }
    try (UnfreedProcess run =
        new UnfreedProcess(List.of(), environment, command.toArray(String[]::new))) {
      assertThat(run.await()).isEqualTo(work.status);
      List<String> printed = run.out().lines().toList();
      assertThat(linesOfOurs(run.err())).allMatch(line -> line.endsWith(DEFINES_MALLOC));
      return Truth.of(printed);
    }
  }

  /** What an aborting program says there is its own. */
  private static List<String> linesOfOurs(String err) {
    return Arrays.stream(err.split("\n")).filter(line -> line.startsWith("unfreed: ")).toList();
  }

  private static String installed(String library) {
    Path path = LIBRARIES.resolve(library);
    KernelHost.skipUnless("library", Files.exists(path), library + " is not installed");
    return path.toString();
  }
}
