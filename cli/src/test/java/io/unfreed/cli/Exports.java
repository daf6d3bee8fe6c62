package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;

/** Questions that are exported, and the reports that answer them. */
final class Exports {
  private Exports() {}

  /** The answer as JSON, by stack. */
  static JsonNode report(String... question) {
    return RecordingManifest.json(
        CommandRun.done(
                List.of(question),
                "report",
                "--format",
                "json",
                "--top",
                "0",
                "--group-by",
                "stack")
            .out());
  }

  /** The answer as a file in {@code directory}, in the place of one that is there. */
  static Path write(Path directory, String format, String... question) {
    Path file = directory.resolve("export." + format);
    CommandRun run =
        CommandRun.done(
            List.of(question), "export", "--as", format, "--force", "-o", file.toString());
    assertThat(run.out()).isEmpty();
    return file;
  }
}
