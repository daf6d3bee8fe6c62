package io.unfreed.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.unfreed.streams.fuzz.Absurd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Traces of other tools, the beginnings of real ones, with lines and numbers changed. What the
 * import makes of a file reports as the file itself.
 */
final class TraceFuzzer implements Fuzzer {
  private static final Path DATA = Path.of("..", "replay-data");
  private static final int MOST_LINES = 400;
  private static final int HEAD_BYTES = 64 * 1024;
  private static final List<String> TRACES =
      List.of("perl-cycle.raw.zst", "cc1.interpreted.zst", "jq.mtrace.zst", "sqlite.raw.zst");

  private final Map<String, List<String>> heads = new HashMap<>();

  @Override
  public void round(Path directory, long seed) throws IOException {
    Random random = new Random(seed);
    String name = TRACES.get(random.nextInt(TRACES.size()));
    List<String> lines = new ArrayList<>(head(name));
    for (int n = random.nextInt(6); n >= 0; n--) {
      change(random, lines);
    }
    byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    if (random.nextInt(4) == 0) {
      bytes = Absurd.changed(random, bytes);
    }
    Path file = Files.write(directory.resolve("trace"), bytes);
    String what = "traces, seed " + seed + ", " + name;
    List<String> lenient = random.nextBoolean() ? List.of("--lenient") : List.of();
    CheckedRun direct = CheckedRun.of(what, with(lenient, report(file)));
    Path capture = directory.resolve("imported");
    String tool = name.contains("mtrace") ? "mtrace" : "heaptrack";
    CheckedRun imported =
        CheckedRun.of(
            what,
            with(
                lenient,
                List.of("import", tool, file.toString(), "-o", capture.toString(), "--force")));
    assertThat(imported.exitCode() == 0).as(imported.what()).isEqualTo(direct.exitCode() == 0);
    if (imported.exitCode() == 0) {
      CheckedRun again = CheckedRun.of(what, report(capture));
      assertThat(again.reports()).as(again.what()).isEqualTo(direct.reports());
    }
  }

  private static List<String> report(Path file) {
    return List.of("report", file.toString(), "--format", "json", "--top", "0");
  }

  private static List<String> with(List<String> more, List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(more);
    return all;
  }

  private List<String> head(String name) throws IOException {
    List<String> known = heads.get(name);
    if (known == null) {
      try (InputStream in = new ZstdInputStream(Files.newInputStream(DATA.resolve(name)))) {
        String text = new String(in.readNBytes(HEAD_BYTES), StandardCharsets.ISO_8859_1);
        known = text.lines().limit(MOST_LINES).toList();
      }
      heads.put(name, known);
    }
    return known;
  }

  private static void change(Random random, List<String> lines) {
    int at = random.nextInt(lines.size());
    int other = random.nextInt(lines.size());
    switch (random.nextInt(8)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(other, lines.get(at));
      case 2 -> lines.set(at, lines.get(other));
      case 3 -> lines.subList(Math.max(at, 4), lines.size()).clear();
      default -> lines.set(at, changed(random, lines.get(at)));
    }
  }

  /** One token of a line is another. */
  private static String changed(Random random, String line) {
    String[] tokens = line.split("(?<= )|(?= )");
    int at = random.nextInt(tokens.length);
    long number = Absurd.number(random);
    tokens[at] =
        switch (random.nextInt(6)) {
          case 0 -> "";
          case 1 -> String.valueOf(number);
          case 2 -> "0x" + Long.toHexString(number);
          case 3 -> Absurd.text(random).replace("\n", "");
          default -> Long.toHexString(number);
        };
    return String.join("", tokens);
  }
}
