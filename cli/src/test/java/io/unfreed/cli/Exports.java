package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Questions that are exported, and the reports that answer them. */
final class Exports {
  private Exports() {}

  /** The answer as JSON, by stack. */
  static JsonNode report(String... question) {
    CommandRun run =
        CommandRun.of(
            with(question, "report", "--format", "json", "--top", "0", "--group-by", "stack"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return RecordingManifest.json(run.out());
  }

  /** The answer as a file in {@code directory}, in the place of one that is there. */
  static Path write(Path directory, String format, String... question) {
    Path file = directory.resolve("export." + format);
    CommandRun run =
        CommandRun.of(with(question, "export", "--as", format, "--force", "-o", file.toString()));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    return file;
  }

  private static String[] with(String[] question, String... words) {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(Arrays.asList(question));
    return all.toArray(String[]::new);
  }
}
