package io.unfreed.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import io.unfreed.cli.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page over recorded traces: what it says is what the API says. */
@Tag("browser")
class TracePageTest extends ServedPage {
  private static final Path TRACES = REPLAY_DATA.resolve("traces");
  private static final String TIMELINE = "#trace-timeline";

  @ParameterizedTest
  @ValueSource(strings = {"syscalls", "locks", "io"})
  void shouldShowInEveryViewWhatTheApiSays(String tracer) throws Exception {
    open(ColorScheme.LIGHT, TRACES.resolve(tracer + ".capture"));
    JsonNode stretch = ask("trace?during=..&top=0");

    assertLatencies(stretch.get("all"));
    assertThat(number("#rows-count")).isEqualTo(stretch.get("rows").size()).isPositive();
    assertThat(keys()).isEqualTo(keys(stretch));
    assertThat(cell(0)).isEqualTo(latencies(stretch.at("/rows/0")).get("count").asLong());
    tab.shoot("trace-" + tracer);
    page.locator("[data-sort=count]").click();
    assertThat(cell(0)).isEqualTo(most(stretch, "count"));
    page.locator("[data-sort=p99Nanos]").click();
    assertThat(cell(4)).isEqualTo(most(stretch, "p99Nanos"));
    page.locator("#metrics [data-choice=latency]").click();
    shown();
    page.locator(TIMELINE).hover();
    assertThat(page.locator("#tip").textContent()).contains("p95");
    tab.shoot("trace-" + tracer + "-latency");

    show("latencies");
    assertThat(bars("#view-latencies .bars")).isEqualTo(buckets(stretch.get("all")));
    tab.shoot("trace-" + tracer + "-histogram");
    show("slow");
    assertThat(page.locator("#view-slow tbody tr").count()).isEqualTo(stretch.get("slow").size());
    tab.shoot("trace-" + tracer + "-slow");
    nothingWasWrong();
  }

  @Test
  void shouldTellOfMemoryWhatWasAllocatedAndFreedAndWhoIsSuspect() throws Exception {
    open(ColorScheme.LIGHT, TRACES.resolve("memory.capture"));
    JsonNode stretch = ask("trace?during=..&top=0");
    JsonNode all = stretch.get("all");

    assertThat(number("#trace-held")).isEqualTo(all.get("outstandingBytes").asLong());
    assertThat(number("#trace-blocks")).isEqualTo(all.get("outstandingCount").asLong());
    assertThat(number("#trace-difference"))
        .isEqualTo(all.get("allocatedBytes").asLong() - all.get("freedBytes").asLong());
    assertThat(keys()).isEqualTo(keys(stretch));
    long suspects = rows(stretch).stream().filter(row -> row.get("suspect").asBoolean()).count();
    assertThat(number("#trace-suspects")).isEqualTo(suspects).isPositive();
    assertThat(page.locator("#view-rows .chip.leaking").count()).isEqualTo((int) suspects);
    for (int column = 0; column < 7; column++) {
      JsonNode row = stretch.at("/rows/0");
      long[] numbers = {
        row.get("outstandingBytes").asLong(),
        row.get("outstandingCount").asLong(),
        row.get("allocatedBytes").asLong(),
        row.get("allocations").asLong(),
        row.get("freedBytes").asLong(),
        row.get("frees").asLong(),
        row.get("allocatedBytes").asLong() - row.get("freedBytes").asLong()
      };
      assertThat(cell(column)).isEqualTo(numbers[column]);
    }
    assertThat(page.locator("#tabs button").count()).isEqualTo(1);
    tab.shoot("trace-memory");
    brush(TIMELINE, 0.4, 0.8);
    JsonNode part = ask("trace?top=0&during=" + during());
    assertThat(number("#trace-allocated"))
        .isEqualTo(part.at("/all/allocatedBytes").asLong())
        .isLessThan(all.get("allocatedBytes").asLong());
    assertThat(number("#trace-held")).isEqualTo(part.at("/all/outstandingBytes").asLong());
    nothingWasWrong();
  }

  @Test
  void shouldTellARangeWhenItIsBrushedAndARowAloneWhenItIsChosen() throws Exception {
    open(ColorScheme.DARK, TRACES.resolve("syscalls.capture"));
    brush(TIMELINE, 0.3, 0.7);
    assertThat(state()).containsKeys("from", "to");
    JsonNode stretch = ask("trace?top=0&during=" + during());
    assertThat(stretch.at("/from/sinceStartNanos").asText()).isEqualTo(state().get("from"));
    assertThat(stretch.at("/at/sinceStartNanos").asText()).isEqualTo(state().get("to"));
    assertLatencies(stretch.get("all"));
    assertThat(number("#trace-count")).isLessThan(ask("trace?during=..").at("/all/count").asLong());
    assertThat(keys()).isEqualTo(keys(stretch));

    JsonNode failing =
        rows(stretch).stream()
            .filter(row -> row.get("call").asText().equals("openat"))
            .findFirst()
            .orElseThrow();
    row(failing).click();
    shown();
    assertLatencies(failing);
    assertThat(row(failing).textContent())
        .contains("errors ENOENT " + failing.at("/errors/ENOENT").asText());
    assertThat(page.locator("#only").textContent()).contains("openat");
    tab.shoot("trace-row-dark");
    show("latencies");
    assertThat(bars("#view-latencies .bars")).isEqualTo(buckets(failing));

    String link = page.url();
    page.navigate("about:blank");
    page.navigate(link);
    shown();
    assertLatencies(failing);
    page.locator("#only").click();
    shown();
    assertLatencies(stretch.get("all"));
    page.keyboard().press("Escape");
    shown();
    assertThat(state()).doesNotContainKeys("from", "to", "row");
    nothingWasWrong();
  }

  @Test
  void shouldTellNothingOfAChosenRowWhenNothingHappenedInItInTheRange() throws Exception {
    open(ColorScheme.LIGHT, TRACES.resolve("locks.capture"));
    List<String> seen = keys();
    String idle = null;
    double from = 0;
    while (idle == null) {
      from += 0.1;
      assertThat(from).as("a range in which a row has nothing").isLessThan(0.9);
      brush(TIMELINE, from, from + 0.05);
      List<String> within = keys(ask("trace?top=0&during=" + during()));
      idle = seen.stream().filter(key -> !within.contains(key)).findFirst().orElse(null);
      page.keyboard().press("Escape");
      shown();
    }
    page.locator("#view-rows tr[data-key='" + idle + "']").click();
    shown();
    assertThat(number("#trace-count")).isPositive();
    brush(TIMELINE, from, from + 0.05);

    assertThat(page.locator("#only").textContent()).contains("nothing happened here");
    assertThat(keys()).isNotEmpty().doesNotContain(idle);
    assertThat(number("#trace-count")).isZero();
    assertThat(number("#trace-total")).isZero();
    assertThat(page.locator("#trace-p50").count()).isZero();
    show("latencies");
    assertThat(page.locator("#view-latencies .bars").count()).isZero();
    assertThat(page.locator("#view-latencies .empty").textContent()).contains("Nothing happened");
    nothingWasWrong();
  }

  @Test
  void shouldTellNothingOfAProcessThatDidNothing() throws Exception {
    open(ColorScheme.LIGHT, TRACES.resolve("memory.capture"));
    page.locator("#view-rows tr.row").first().click();
    shown();
    String link = page.url().replaceFirst("row=[^&]*", "row=1.memory.0.0");
    page.navigate("about:blank");
    page.navigate(link);
    shown();

    assertThat(state()).containsEntry("row", "1.memory.0.0");
    assertThat(number("#trace-allocated")).isZero();
    assertThat(number("#trace-freed")).isZero();
    assertThat(page.locator("#trace-held, #trace-blocks").count()).isZero();
    nothingWasWrong();
  }

  @Test
  void shouldNotSayThatNothingHappenedWhenTheRowMayBeBehindTheListedOnes() throws Exception {
    open(ColorScheme.LIGHT, TRACES.resolve("syscalls.capture"));
    page.locator("#view-rows tr.row").nth(1).click();
    shown();
    assertThat(number("#trace-count")).isPositive();
    String link = page.url();
    page.route(
        url -> url.contains("/trace?"),
        route ->
            route.resume(
                new Route.ResumeOptions()
                    .setUrl(route.request().url().replaceFirst("top=\\d+", "top=1"))));
    page.navigate("about:blank");
    page.navigate(link);
    shown();

    assertThat(page.locator("#view-rows tr.row").count()).isEqualTo(1);
    assertThat(page.locator("#only").textContent()).contains("may be behind the first 1 of ");
    assertThat(page.locator("#trace-count").count()).isZero();
    show("latencies");
    assertThat(page.locator("#view-latencies .empty").textContent()).startsWith("Not known");
    nothingWasWrong();
  }

  @Test
  void shouldShowStacksInFullAndBothLatenciesOfARequest() throws Exception {
    open(ColorScheme.LIGHT, TRACES.resolve("locks.capture"));
    JsonNode waiting =
        rows(ask("trace?during=..&top=0")).stream()
            .max(Comparator.comparingInt(row -> row.get("stack").size()))
            .orElseThrow();
    row(waiting).click();
    shown();
    List<String> frames = new ArrayList<>();
    waiting.get("stack").forEach(frame -> frames.add(frame.asText()));
    assertThat(row(waiting).locator("ol.frames li").allTextContents())
        .isEqualTo(frames)
        .hasSizeGreaterThan(3);
    tab.shoot("trace-locks-stack");
    page.locator("#search").fill("flock");
    shown();
    assertThat(page.locator("#view-rows tbody tr").count()).isPositive();
    assertThat(page.locator("#view-rows tbody tr").allTextContents())
        .allMatch(text -> text.contains("file lock"));
    nothingWasWrong();
    tab.close();

    open(ColorScheme.LIGHT, TRACES.resolve("io.capture"));
    JsonNode request = ask("trace?during=..&top=0").at("/rows/0");
    row(request).click();
    shown();
    assertThat(row(request).textContent()).contains("from insert").contains("from issue");
    show("latencies");
    assertThat(page.locator("#view-latencies .bars").count()).isEqualTo(2);
    assertThat(bars("#view-latencies .bars")).isEqualTo(buckets(request.get("fromInsert")));
    tab.shoot("trace-io-histograms");
    boolean isSlow =
        rows(ask("trace?during=..&top=0")).stream().anyMatch(row -> row.get("warning").asBoolean());
    assertThat(isSlow).isTrue();
    assertThat(page.locator("#warnings").textContent())
        .startsWith("Warning: p95 is above ")
        .contains(request.get("device").asText());
    nothingWasWrong();
  }

  @Test
  void shouldBeUsableByKeyboardAndOnASmallScreen() throws Exception {
    serve(TRACES.resolve("syscalls.capture"));
    tab = chromium.tab(390, 800, ColorScheme.LIGHT);
    page = tab.page();
    page.navigate(server.urlWithToken());
    shown();
    for (int key = 1; key <= 3; key++) {
      page.keyboard().press(String.valueOf(key));
      shown();
      assertThat(page.locator("[role=tabpanel]:visible").count()).isEqualTo(1);
    }
    page.keyboard().press("1");
    page.locator(TIMELINE).focus();
    page.keyboard().press("ArrowLeft");
    shown();
    assertThat(state()).containsKey("to").doesNotContainKey("from");
    JsonNode then = ask("trace?during=..%2B" + state().get("to") + "ns");
    assertLatencies(then.get("all"));
    page.keyboard().press("Shift+ArrowLeft");
    shown();
    assertThat(state()).containsKeys("from", "to");
    assertLatencies(ask("trace?during=" + during()).get("all"));
    page.locator("#view-rows tr.row").first().focus();
    page.keyboard().press("Enter");
    shown();
    assertThat(state()).containsKey("row");
    page.keyboard().press("t");
    assertThat(page.locator("html").getAttribute("data-theme")).isEqualTo("dark");
    Object overflow =
        page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth");
    assertThat(overflow).as("a page wider than the screen").isEqualTo(false);
    tab.shoot("trace-small");
    nothingWasWrong();
  }

  @Test
  void shouldShowNamesAsTextWhateverTheySay() throws Exception {
    Path hostile = directory.resolve("hostile.unfreed");
    HostileTrace.write(hostile);
    open(ColorScheme.LIGHT, hostile);
    page.locator("#view-rows tr.row").first().click();
    shown();
    String rows = page.locator("#view-rows").textContent();
    for (String view : List.of("latencies", "slow", "rows")) {
      show(view);
    }
    page.locator(TIMELINE).hover();
    tab.shoot("trace-hostile");

    assertThat(rows)
        .contains(HostileTrace.PROCESS)
        .contains(HostileTrace.LOCK)
        .contains(HostileTrace.FUNCTION);
    assertThat(page.locator("#losses").textContent()).startsWith("Lost: 5 found no place");
    assertThat(page.locator("img, iframe, main script, b[onclick], svg").count()).isZero();
    nothingWasWrong();
    assertExported(hostile, "trace-hostile-case");
  }

  @Test
  void shouldShowBothWhenSomeFilesAreTraces() throws Exception {
    open(ColorScheme.LIGHT, REPLAY_DATA.resolve("stealth.capture"), TRACES.resolve("io.capture"));
    Map<String, String> tracers = new HashMap<>();
    for (Locator option : page.locator("#session option").all()) {
      page.locator("#session").selectOption(option.getAttribute("value"));
      shown();
      boolean isTrace = page.locator(TIMELINE).isVisible();
      tracers.put(option.getAttribute("value"), isTrace ? "trace" : "blocks");
      assertThat(page.locator("#timeline").isVisible()).isNotEqualTo(isTrace);
      assertThat(page.locator(isTrace ? "#trace-count" : "#sum-bytes").count()).isEqualTo(1);
      assertThat(page.locator(isTrace ? "#view-rows" : "#view-leaks").isVisible()).isTrue();
    }
    assertThat(tracers.values()).containsExactlyInAnyOrder("trace", "blocks");
    nothingWasWrong();
  }

  @ParameterizedTest
  @ValueSource(strings = {"syscalls", "locks", "io"})
  void shouldBeOneFileThatAsksNobodyWhenItIsExported(String tracer) throws Exception {
    assertExported(TRACES.resolve(tracer + ".capture"), "trace-case-" + tracer);
  }

  private void assertExported(Path recording, String name) throws Exception {
    Path file = directory.resolve(name + ".html");
    assertThat(Main.run("export", recording.toString(), "--as", "html", "-o", file.toString()))
        .isZero();
    serve(recording);
    JsonNode stretch = ask("trace?during=..&top=0");
    try (Chromium.Tab alone = chromium.tab(1280, 900, ColorScheme.LIGHT)) {
      page = alone.page();
      page.navigate(file.toUri().toString());
      shown();
      assertLatencies(stretch.get("all"));
      assertThat(keys()).isEqualTo(keys(stretch));
      page.locator("#view-rows tr.row").first().click();
      shown();
      assertLatencies(latencies(stretch.at("/rows/0")));
      for (String view : List.of("latencies", "slow", "rows")) {
        show(view);
      }
      alone.shoot(name);
      assertThat(alone.complaints()).isEmpty();
      assertThat(alone.askedOthers(file.toUri().toString())).isEmpty();
    }
    assertThat(Files.readString(file)).doesNotContain(directory.toString());
  }

  /** What stands above all: the numbers of all rows, or of one. */
  private void assertLatencies(JsonNode expected) {
    assertThat(number("#trace-count")).isEqualTo(expected.get("count").asLong()).isPositive();
    assertThat(number("#trace-total")).isEqualTo(expected.get("totalNanos").asLong());
    for (String part : List.of("p50", "p95", "p99")) {
      assertThat(number("#trace-" + part)).isEqualTo(expected.get(part + "Nanos").asLong());
    }
    if (expected.get("maxNanos").isNull()) {
      assertThat(page.locator("#trace-max").textContent()).startsWith("≤ ");
    } else {
      assertThat(number("#trace-max")).isEqualTo(expected.get("maxNanos").asLong());
    }
  }

  private String during() {
    return "%2B" + state().get("from") + "ns..%2B" + state().get("to") + "ns";
  }

  private static List<JsonNode> rows(JsonNode stretch) {
    return StreamSupport.stream(stretch.get("rows").spliterator(), false).toList();
  }

  private static List<String> keys(JsonNode stretch) {
    return rows(stretch).stream().map(row -> row.get("key").asText()).limit(200).toList();
  }

  /** Of the rows that are seen, in their order. */
  private List<String> keys() {
    return page.locator("#view-rows tr.row").all().stream()
        .map(row -> row.getAttribute("data-key"))
        .toList();
  }

  private Locator row(JsonNode row) {
    return page.locator("#view-rows tr[data-key='" + row.get("key").asText() + "']");
  }

  private long cell(int column) {
    return Long.parseLong(
        page.locator("#view-rows tr.row")
            .first()
            .locator("td")
            .nth(column)
            .getAttribute("data-value"));
  }

  private static JsonNode latencies(JsonNode row) {
    return row.has("fromInsert") ? row.get("fromInsert") : row;
  }

  private static long most(JsonNode stretch, String number) {
    return rows(stretch).stream()
        .mapToLong(row -> latencies(row).get(number).asLong())
        .max()
        .orElseThrow();
  }

  private List<Long> bars(String selector) {
    return page.locator(selector).first().locator("[data-value]").all().stream()
        .map(bar -> Long.parseLong(bar.getAttribute("data-value")))
        .toList();
  }

  private static List<Long> buckets(JsonNode latencies) {
    return StreamSupport.stream(latencies.get("buckets").spliterator(), false)
        .map(bucket -> bucket.get("count").asLong())
        .toList();
  }
}
