package io.unfreed.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The recordings in replay-data with their exact totals. */
final class RecordingManifest {
  static final Path REPLAY_DATA = Path.of("..", "replay-data").toAbsolutePath().normalize();

  private static final ObjectMapper JSON = new ObjectMapper();

  /** One recording. */
  record Entry(Path file, JsonNode totals) {
    @Override
    public String toString() {
      return file.getFileName().toString();
    }
  }

  private RecordingManifest() {}

  static List<Entry> entries() {
    try {
      JsonNode manifest = JSON.readTree(Files.readString(REPLAY_DATA.resolve("manifest.json")));
      List<Entry> entries = new ArrayList<>();
      for (JsonNode recording : manifest.get("recordings")) {
        entries.add(
            new Entry(
                REPLAY_DATA.resolve(recording.get("file").asText()), recording.get("totals")));
      }
      return entries;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }
}
