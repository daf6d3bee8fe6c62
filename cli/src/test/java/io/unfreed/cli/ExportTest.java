package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code export} writes has the numbers of {@code report} with the same question. */
class ExportTest {
  private static final String PERL =
      RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture").toString();

  @TempDir Path directory;

  private String marked;

  @BeforeEach
  void record() throws IOException {
    marked = directory.resolve("marked").toString();
    MarkedRecording.write(Path.of(marked), "marked", "ab01", 100);
  }

  @Test
  void shouldWriteThePageOfARecordingWithoutTimes() {
    String mtrace = RecordingManifest.REPLAY_DATA.resolve("jq.mtrace.zst").toString();
    Path page = directory.resolve("page.html");

    CommandRun.done("export", mtrace, "--as", "html", "-o", page.toString());

    assertThat(page).content().contains("<html", "jv_mem_alloc");
  }

  @Test
  void shouldFoldTheStacksOfTheReportWhenExportedAsFolded() throws IOException {
    for (String[] question : questions()) {
      Map<String, Long> expected = new TreeMap<>();
      for (JsonNode stack : Exports.report(question).get("stacks")) {
        List<String> names = new ArrayList<>();
        stack.get("frames").forEach(frame -> names.add(name(frame)));
        expected.merge(String.join(";", names.reversed()), bytes(stack), Long::sum);
      }
      expected.values().removeIf(bytes -> bytes == 0);
      Map<String, Long> folded = new TreeMap<>();
      for (String line : Files.readAllLines(export("folded", question))) {
        int space = line.lastIndexOf(' ');
        assertThat(folded.put(line.substring(0, space), Long.valueOf(line.substring(space + 1))))
            .isNull();
      }
      assertThat(folded).as(String.join(" ", question)).isEqualTo(expected).isNotEmpty();
    }
  }

  @Test
  void shouldKeepTheFormatOfSpeedscopeWhenExportedForIt() throws IOException {
    for (String[] question : questions()) {
      JsonNode selected = Exports.report(question).get("selected");
      JsonNode file = RecordingManifest.json(Files.readString(export("speedscope", question)));
      int frames = file.at("/shared/frames").size();
      List<Long> sums = new ArrayList<>();
      for (JsonNode profile : file.get("profiles")) {
        assertThat(profile.get("type").asText()).isEqualTo("sampled");
        assertThat(profile.get("unit").asText()).isIn("bytes", "none");
        assertThat(profile.get("samples")).hasSameSizeAs(profile.get("weights"));
        long sum = 0;
        for (JsonNode weight : profile.get("weights")) {
          sum += weight.asLong();
        }
        profile
            .get("samples")
            .forEach(sample ->
                sample.forEach(frame -> assertThat(frame.asInt()).isBetween(0, frames - 1)));
        assertThat(profile.get("startValue").asLong()).isZero();
        assertThat(profile.get("endValue").asLong()).isEqualTo(sum);
        sums.add(sum);
      }
      assertThat(sums)
          .containsExactly(
              bytes(selected), count(selected), selected.get("allocatedBytes").asLong());
    }
    JsonNode file = RecordingManifest.json(Files.readString(export("speedscope", marked)));
    int root = file.at("/profiles/0/samples/0/0").asInt();
    assertThat(file.at("/shared/frames/" + root + "/name").asText()).isEqualTo("main");
    assertThat(file.at("/shared/frames/" + root + "/file").asText()).isEqualTo("main.c");
  }

  @Test
  void shouldBeAProfileWhenExportedAsPprof() throws IOException {
    for (String[] question : questions()) {
      JsonNode selected = Exports.report(question).get("selected");
      Proto profile = proto(export("pprof", question));
      long[] sums = new long[4];
      Set<Long> locations = ids(profile, 4);
      Set<Long> functions = ids(profile, 5);
      Set<Long> mappings = ids(profile, 3);
      assertThat(profile.text(6, 0)).isEmpty();
      for (Proto sample : profile.messages(2)) {
        assertThat(locations).containsAll(sample.packed(1));
        List<Long> values = sample.packed(2);
        assertThat(values).hasSize(profile.messages(1).size()).hasSize(4);
        for (int i = 0; i < 4; i++) {
          sums[i] += values.get(i);
        }
      }
      for (Proto location : profile.messages(4)) {
        assertThat(location.number(2)).isIn(withZero(mappings));
        assertThat(location.messages(4)).hasSize(1);
        assertThat(functions).contains(location.messages(4).getFirst().number(1));
      }
      assertThat(sums)
          .containsExactly(
              selected.get("allocations").asLong(),
              selected.get("allocatedBytes").asLong(),
              count(selected),
              bytes(selected));
    }
  }

  /** The real reader, which Go brings; Debian keeps it off the PATH. */
  private static Path pprof() throws IOException {
    Path tools = Path.of("/usr/lib/go/pkg/tool");
    if (onPath("pprof") != null || !Files.isDirectory(tools)) {
      return onPath("pprof");
    }
    try (Stream<Path> found = Files.walk(tools, 2)) {
      return found.filter(path -> path.endsWith("pprof")).findFirst().orElse(null);
    }
  }

  @Test
  void shouldBeReadByPprofWhenItIsHere() throws Exception {
    Path pprof = pprof();
    String reason = "skipped: no pprof on the PATH and no Go";
    if (pprof == null) {
      System.out.println(reason);
    }
    Assumptions.assumeTrue(pprof != null, reason);
    Path file = export("pprof", marked, "--born", "+3s..+6s");
    Path raw = directory.resolve("raw");
    Process process =
        new ProcessBuilder(pprof.toString(), "-raw", "-symbolize=none", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(raw.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String read = Files.readString(raw);
    assertThat(process.exitValue()).as(read).isZero();
    assertThat(read).contains("alloc_objects/count alloc_space/bytes");
    assertThat(read).containsPattern("3 +300 +3 +300:");
    assertThat(read).contains("keep.c:12");
  }

  @Test
  void shouldOverwriteNothingWhenNotForced() throws IOException {
    Path there = Files.writeString(directory.resolve("there"), "mine");
    CommandRun refused = CommandRun.of("export", marked, "--as", "folded", "-o", there.toString());
    assertThat(refused.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(refused.err()).contains("--force");
    assertThat(there).hasContent("mine");

    CommandRun forced =
        CommandRun.of("export", marked, "--as", "folded", "-o", there.toString(), "--force");
    assertThat(forced.exitCode()).as(forced.err()).isZero();
    assertThat(there).hasContent("main;keep 1000\nmain;lend 20");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.filter(path -> path.toString().endsWith(".part"))).isEmpty();
    }
  }

  @Test
  void shouldRefuseWhenTheQuestionCannotBeExported() {
    CommandRun run =
        CommandRun.of("export", marked, "--as", "folded", "-o", "x", "--group-by", "size");
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("--group-by");
  }

  private List<String[]> questions() {
    return List.of(
        new String[] {PERL},
        new String[] {PERL, "--at", "+10ms", "--min-size", "100"},
        new String[] {marked, "--born", "first..second"},
        new String[] {marked, "--freed", "+4s.."});
  }

  private Path export(String format, String... question) {
    return Exports.write(directory, format, question);
  }

  private static long bytes(JsonNode numbers) {
    JsonNode freed = numbers.get("freedBytes");
    return freed.isNull() ? numbers.get("outstandingBytes").asLong() : freed.asLong();
  }

  private static long count(JsonNode numbers) {
    JsonNode freed = numbers.get("freedCount");
    return freed.isNull() ? numbers.get("outstandingCount").asLong() : freed.asLong();
  }

  private static String name(JsonNode frame) {
    if (!frame.get("symbol").isNull()) {
      return frame.get("symbol").asText();
    }
    String module = frame.get("module").asText();
    String address = frame.get("address").asText();
    return frame.get("module").isNull()
        ? address
        : module.substring(module.lastIndexOf('/') + 1) + "+" + address;
  }

  private static Path onPath(String program) {
    for (String part : System.getenv("PATH").split(":", -1)) {
      Path file = Path.of(part, program);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }

  private static Set<Long> ids(Proto profile, int field) {
    Set<Long> ids = new HashSet<>();
    for (Proto message : profile.messages(field)) {
      assertThat(ids.add(message.number(1))).isTrue();
    }
    return ids;
  }

  private static Set<Long> withZero(Set<Long> ids) {
    Set<Long> all = new HashSet<>(ids);
    all.add(0L);
    return all;
  }

  private static Proto proto(Path file) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return new Proto(in.readAllBytes());
    }
  }

  /** A message in the wire format, decoded by the rules of its documentation. */
  private static final class Proto {
    private final Map<Integer, List<Object>> fields = new HashMap<>();

    Proto(byte[] bytes) {
      ByteArrayInputStream in = new ByteArrayInputStream(bytes);
      while (in.available() > 0) {
        long tag = varint(in);
        boolean isNumber = (tag & 7) == 0;
        assertThat(isNumber || (tag & 7) == 2).isTrue();
        Object value = isNumber ? (Object) varint(in) : take(in);
        fields.computeIfAbsent((int) (tag >>> 3), field -> new ArrayList<>()).add(value);
      }
    }

    long number(int field) {
      return fields.containsKey(field) ? (Long) fields.get(field).getFirst() : 0;
    }

    String text(int field, int index) {
      return new String((byte[]) fields.get(field).get(index), StandardCharsets.UTF_8);
    }

    List<Proto> messages(int field) {
      return fields.getOrDefault(field, List.of()).stream()
          .map(bytes -> new Proto((byte[]) bytes))
          .toList();
    }

    List<Long> packed(int field) {
      List<Long> values = new ArrayList<>();
      for (Object bytes : fields.getOrDefault(field, List.of())) {
        ByteArrayInputStream in = new ByteArrayInputStream((byte[]) bytes);
        while (in.available() > 0) {
          values.add(varint(in));
        }
      }
      return values;
    }

    private static byte[] take(ByteArrayInputStream in) {
      byte[] bytes = new byte[(int) varint(in)];
      assertThat(in.readNBytes(bytes, 0, bytes.length)).isEqualTo(bytes.length);
      return bytes;
    }

    private static long varint(ByteArrayInputStream in) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        int next = in.read();
        assertThat(next).isNotNegative();
        value |= (next & 0x7FL) << shift;
        if (next < 0x80) {
          return value;
        }
      }
    }
  }
}
