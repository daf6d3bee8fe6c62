package io.unfreed.cli.fuzz;

import io.unfreed.streams.fuzz.Absurd;
import io.unfreed.streams.fuzz.AbsurdSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Captures: absurd contents that are well encoded, damaged contents, blocks, headers, files. */
final class CaptureFuzzer implements Fuzzer {
  private static final String[][] QUESTIONS = {
    {"--format", "json", "--top", "0"},
    {"--format", "json"},
    {},
    {"--interval", "1us"},
    {"--format", "json", "--interval", "700ns"},
    {"--format", "json", "--at", "+1500ns"},
    {"--format", "json", "--at", "2026-01-31T11:45:22.000001Z"},
    {"--format", "json", "--older", "300ns", "--top", "0"},
    {"--format", "json", "--min-size", "1", "--max-size", "4096"},
  };

  @Override
  public void round(Path directory, long seed) throws IOException {
    Random random = new Random(seed);
    Path file = Files.write(directory.resolve("capture"), capture(random));
    for (int n = 0; n < 2; n++) {
      List<String> arguments = new ArrayList<>(List.of("report", file.toString()));
      arguments.addAll(List.of(QUESTIONS[n == 0 ? 0 : random.nextInt(QUESTIONS.length)]));
      CheckedRun.of("captures, seed " + seed, arguments);
    }
  }

  private static byte[] capture(Random random) throws IOException {
    int way = random.nextInt(10);
    Container container = new Container(way == 0 ? metadata(random) : Container.metadata());
    for (int session = 1 + random.nextInt(2); session > 0; session--) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      long records = 0;
      for (AbsurdSession.Item item : AbsurdSession.of(random, "fuzz" + session)) {
        byte[] record = Container.record(item);
        block.write(way == 1 && random.nextInt(4) == 0 ? Absurd.changed(random, record) : record);
        records++;
        if (random.nextInt(20) == 0) {
          add(container, random, way, records, block);
          records = 0;
        }
      }
      add(container, random, way, records, block);
    }
    return way == 3 ? Absurd.changed(random, container.bytes()) : container.bytes();
  }

  private static void add(
      Container container, Random random, int way, long records, ByteArrayOutputStream block)
      throws IOException {
    byte[] bytes = block.toByteArray();
    boolean absurd = way == 2 && random.nextInt(3) == 0;
    container.block(
        absurd ? Absurd.number(random) : records,
        absurd && random.nextBoolean() ? Absurd.number(random) : bytes.length,
        bytes);
    block.reset();
  }

  private static List<String> metadata(Random random) {
    List<String> metadata = new ArrayList<>(Container.metadata());
    switch (random.nextInt(4)) {
      case 0 -> metadata.set(random.nextInt(4), Absurd.text(random));
      case 1 -> {
        metadata.add(Absurd.text(random));
        metadata.add(Absurd.text(random));
      }
      default -> metadata.set(1, changedSchema(random, metadata.get(1)));
    }
    return metadata;
  }

  /** One token of the schema is another's, or the text is damaged. */
  private static String changedSchema(Random random, String schema) {
    String[] tokens = schema.split("(?<=[\\[\\]{}:,])|(?=[\\[\\]{}:,])");
    int at = random.nextInt(tokens.length);
    tokens[at] =
        switch (random.nextInt(4)) {
          case 0 -> "";
          case 1 -> "\"" + Absurd.text(random) + "\"";
          case 2 -> String.valueOf(Absurd.number(random));
          default -> tokens[random.nextInt(tokens.length)];
        };
    return String.join("", tokens);
  }
}
