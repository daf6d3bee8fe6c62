package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.schemas.CallStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --free-stacks}: who released what each stack allocated. */
class FreeStacksTest {
  @TempDir Path directory;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @Test
  void shouldTellAReleasingStackForEveryFreeAndItsFrames() throws Exception {
    Path file = directory.resolve("freed.capture");
    Truth truth = record(file, "--free-stacks");
    JsonNode report = report(file);
    truth.totalsAreTold("with stacks of frees", report);
    truth.linesAreTold("with stacks of frees", report);
    assertThat(report.at("/session/freeStacks").asBoolean()).isTrue();

    Map<String, List<String>> stacks = stacks(file);
    int releasing = 0;
    for (JsonNode stack : report.get("stacks")) {
      long frees = 0;
      for (JsonNode by : stack.get("freedBy")) {
        frees += by.get("frees").asLong();
        List<String> frames = stacks.get(by.get("stackId").asText());
        assertThat(frames).isNotNull().contains("main").anyMatch(f -> f.startsWith("mode_"));
        releasing++;
      }
      assertThat(frees).as("%s", stack).isEqualTo(stack.get("frees").asLong());
    }
    assertThat(releasing).isPositive();
  }

  @Test
  void shouldTellNobodyWithoutTheOption() throws Exception {
    Path file = directory.resolve("plain.capture");
    record(file);
    JsonNode report = report(file);
    assertThat(report.at("/session/freeStacks").asBoolean()).isFalse();
    assertThat(report.findValues("freedBy")).allMatch(by -> by.isNull() || by.isEmpty());
  }

  private static Truth record(Path file, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("record", "-o", file.toString()));
    all.addAll(List.of(options));
    String modes = "malloc,calloc,realloc,mmap,mremap,failing";
    all.addAll(List.of("--", KernelHost.program("alloc_nofp"), modes, "--now"));
    try (UnfreedProcess run = new UnfreedProcess(all.toArray(String[]::new))) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      return Truth.of(run.out().lines().toList());
    }
  }

  private static JsonNode report(Path file) throws Exception {
    return KernelHost.reports("report", file.toString(), "--format", "json", "--top", "0")
        .getFirst();
  }

  /** All stacks of a capture: those that only release are in no report's list. */
  private static Map<String, List<String>> stacks(Path file) throws Exception {
    Map<String, List<String>> stacks = new HashMap<>();
    try (CaptureReader in = CaptureReader.open(file)) {
      for (var kind = in.next(); kind != CaptureReader.Kind.END; kind = in.next()) {
        if (kind == CaptureReader.Kind.STACK) {
          CallStack stack = in.stack();
          List<String> symbols = new ArrayList<>();
          stack.getFrames().forEach(frame -> symbols.add(String.valueOf(frame.getSymbol())));
          stacks.put(HexFormat.of().formatHex(stack.getStackId().bytes()), symbols);
        }
      }
    }
    return stacks;
  }
}
