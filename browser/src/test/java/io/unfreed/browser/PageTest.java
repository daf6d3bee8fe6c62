package io.unfreed.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.ColorScheme;
import io.unfreed.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page over real recordings: what it says is what the API says. */
@Tag("browser")
class PageTest extends ServedPage {
  @Test
  void shouldShowInEveryViewWhatTheApiSays() throws Exception {
    open(ColorScheme.LIGHT, REPLAY_DATA.resolve("stealth.capture"));
    JsonNode report = ask("report?top=0");
    JsonNode stacks = ask("stacks");

    assertThat(number("#sum-bytes")).isEqualTo(report.at("/totals/outstandingBytes").asLong());
    assertThat(number("#sum-count")).isEqualTo(report.at("/totals/outstandingCount").asLong());
    assertThat(number("#sum-peak")).isEqualTo(report.at("/totals/peakBytes").asLong());
    assertThat(number("#leaks-head")).isEqualTo(report.get("leaks").size());
    assertThat(page.locator(".leak .evidence").first().textContent())
        .isEqualTo(report.at("/stacks/0/verdict/evidence").asText());
    assertThat(page.url()).doesNotContain(ACCESS.token());
    page.locator(".explain").first().click();
    page.locator(".explained").waitFor();
    assertThat(number(".explained b")).isEqualTo(ask("explain").at("/blocks/stay").asLong());
    tab.shoot("leaks");

    show("flame");
    assertThat(Integer.parseInt(page.locator("#flame").getAttribute("data-drawn")))
        .isGreaterThan(10);
    page.locator("#search").fill("prefetch_block");
    shown();
    assertThat(number("#found")).isEqualTo(bytesUnder(stacks, "prefetch_block"));
    tab.shoot("flame-search");
    page.locator("#search").fill("");
    shown();
    page.locator("[data-choice=allocators]").click();
    shown();
    tab.shoot("flame-reversed");

    show("stacks");
    assertThat(number("#stacks-count")).isEqualTo(stacks.get("stacks").size());
    assertThat(firstCell()).isEqualTo(stacks.at("/stacks/0/bytes").asLong());
    page.locator("[data-sort=allocations]").click();
    long most = 0;
    for (JsonNode stack : stacks.get("stacks")) {
      most = Math.max(most, stack.get("allocations").asLong());
    }
    assertThat(Long.parseLong(cell(2).getAttribute("data-value"))).isEqualTo(most);
    page.locator("tr.row").first().click();
    assertThat(page.locator("tr.row ol.frames li").count()).isPositive();
    tab.shoot("stacks");

    show("shapes");
    assertThat(page.locator("#view-shapes .bars").count()).isEqualTo(2);
    JsonNode shapes = ask("histograms");
    assertThat(number("#view-shapes .bars [data-value]"))
        .isEqualTo(shapes.at("/sizes/0/allocations").asLong());
    tab.shoot("shapes");
    nothingWasWrong();
  }

  @Test
  void shouldAskWhatWasBornInARangeWhenItIsBrushed() throws Exception {
    open(ColorScheme.DARK, REPLAY_DATA.resolve("stealth.capture"));
    show("growth");
    assertThat(page.locator("#view-growth .empty").isVisible()).isTrue();
    brush("#timeline", 0.3, 0.7);

    Map<String, String> state = state();
    assertThat(state).containsKeys("from", "to");
    String range = "%2B" + state.get("from") + "ns..%2B" + state.get("to") + "ns";
    String at = "%2B" + state.get("to") + "ns";
    JsonNode chosen = ask("report?top=0&born=" + range + "&at=" + at);
    assertThat(number("#chosen-bytes"))
        .isEqualTo(chosen.at("/selected/outstandingBytes").asLong())
        .isPositive();
    assertThat(number("#chosen-count")).isEqualTo(chosen.at("/selected/outstandingCount").asLong());
    assertThat(number("#sum-bytes")).isEqualTo(chosen.at("/totals/outstandingBytes").asLong());
    JsonNode diff = ask("diff?at=" + range);
    assertThat(number("#view-growth tbody tr td:nth-child(2)"))
        .isEqualTo(diff.at("/entries/0/bytes").asLong());
    tab.shoot("growth-dark");

    page.locator("#show").selectOption("freed");
    shown();
    JsonNode freed = ask("report?top=0&freed=" + range);
    assertThat(number("#chosen-bytes")).isEqualTo(freed.at("/selected/freedBytes").asLong());
    page.locator("#show").selectOption("left");
    shown();
    JsonNode left = ask("report?top=0&born=" + range);
    assertThat(number("#chosen-bytes")).isEqualTo(left.at("/selected/outstandingBytes").asLong());
    show("flame");
    tab.shoot("flame-range-dark");
    page.locator("[data-choice=growth]").last().click();
    shown();
    page.locator("#flame").hover();
    assertThat(page.locator("#tip").textContent()).contains("grew by+");
    tab.shoot("flame-growth-dark");

    String link = page.url();
    page.navigate("about:blank");
    page.navigate(link);
    shown();
    assertThat(number("#chosen-bytes")).isEqualTo(left.at("/selected/outstandingBytes").asLong());

    page.keyboard().press("Escape");
    shown();
    assertThat(state()).doesNotContainKeys("from", "to");
    assertThat(page.locator("#chosen-bytes").count()).isZero();
    nothingWasWrong();
  }

  @Test
  void shouldBeUsableByKeyboardAndOnASmallScreen() throws Exception {
    serve(REPLAY_DATA.resolve("perl-cycle.capture"));
    tab = chromium.tab(390, 800, ColorScheme.LIGHT);
    page = tab.page();
    page.navigate(server.urlWithToken());
    shown();
    for (int key = 1; key <= 5; key++) {
      page.keyboard().press(String.valueOf(key));
      shown();
      assertThat(page.locator("[role=tabpanel]:visible").count()).isEqualTo(1);
    }
    page.keyboard().press("2");
    shown();
    page.locator("#timeline").focus();
    page.keyboard().press("ArrowLeft");
    shown();
    assertThat(state()).containsKey("to").doesNotContainKey("from");
    JsonNode then = ask("report?at=%2B" + state().get("to") + "ns");
    assertThat(number("#sum-bytes")).isEqualTo(then.at("/totals/outstandingBytes").asLong());
    page.keyboard().press("t");
    assertThat(page.locator("html").getAttribute("data-theme")).isEqualTo("dark");
    Object overflow =
        page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth");
    assertThat(overflow).as("a page wider than the screen").isEqualTo(false);
    tab.shoot("small");
    page.locator("#flame").focus();
    page.keyboard().press("ArrowDown");
    page.keyboard().press("Enter");
    assertThat(page.locator("#flame-back").isVisible()).isTrue();
    assertThat(page.locator("#flame-name").textContent()).contains("%");
    nothingWasWrong();
  }

  @Test
  void shouldShowNamesAsTextWhateverTheySay() throws Exception {
    Path hostile = directory.resolve("hostile.unfreed");
    HostileRecording.write(hostile);
    open(ColorScheme.LIGHT, hostile);
    for (String view : List.of("flame", "stacks", "shapes", "growth", "leaks")) {
      show(view);
    }
    page.locator("#timeline").hover();
    tab.shoot("hostile");

    assertThat(page.locator("img, iframe, main script, b[onclick]").count()).isZero();
    assertThat(page.locator("#command").textContent())
        .isEqualTo(HostileRecording.COMMAND + HostileRecording.SHOWN_CONTROLS);
    assertThat(page.locator("#view-leaks").textContent())
        .contains(HostileRecording.SYMBOL + HostileRecording.SHOWN_CONTROLS);
    for (String part : List.of("document.title", "document.body.innerText")) {
      assertThat(page.evaluate("/[\\p{Cf}\\u001b]/u.test(" + part + ")")).isEqualTo(false);
    }
    nothingWasWrong();
    assertExported(hostile, "hostile-case");
  }

  @Test
  void shouldBeOneFileThatAsksNobodyWhenItIsExported() throws Exception {
    assertExported(REPLAY_DATA.resolve("stealth.capture"), "case");
  }

  @Test
  void shouldSayThatTheTokenIsMissing() throws Exception {
    serve(REPLAY_DATA.resolve("perl-cycle.capture"));
    tab = chromium.tab(900, 700, ColorScheme.LIGHT);
    page = tab.page();
    page.navigate(server.url());
    page.locator("#trouble:visible").waitFor();

    assertThat(page.locator("#trouble").textContent()).contains("token");
  }

  private void assertExported(Path recording, String name) throws IOException {
    Path file = directory.resolve(name + ".html");
    assertThat(Main.run("export", recording.toString(), "--as", "html", "-o", file.toString()))
        .isZero();
    try (Chromium.Tab alone = chromium.tab(1280, 900, ColorScheme.LIGHT)) {
      page = alone.page();
      page.navigate(file.toUri().toString());
      shown();
      serve(recording);
      JsonNode report = ask("report?top=0");
      assertThat(number("#sum-bytes")).isEqualTo(report.at("/totals/outstandingBytes").asLong());
      for (String view : List.of("flame", "stacks", "shapes", "leaks")) {
        show(view);
        alone.shoot(name + "-" + view);
      }
      page.locator("#group-by").selectOption("stack");
      shown();
      assertThat(page.locator("#view-leaks .leak").count()).isPositive();
      assertThat(alone.complaints()).isEmpty();
      assertThat(alone.askedOthers(file.toUri().toString())).isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(Files.readString(file)).doesNotContain(directory.toString());
  }

  private Locator cell(int column) {
    return page.locator("#view-stacks tbody tr.row").first().locator("td").nth(column);
  }

  private long firstCell() {
    return Long.parseLong(cell(0).getAttribute("data-value"));
  }

  private static long bytesUnder(JsonNode stacks, String symbol) {
    long bytes = 0;
    for (JsonNode stack : stacks.get("stacks")) {
      for (JsonNode frame : stack.get("frames")) {
        JsonNode name = stacks.get("frames").get(frame.asInt()).get("symbol");
        if (!name.isNull() && name.asText().contains(symbol)) {
          bytes += stack.get("bytes").asLong();
          break;
        }
      }
    }
    return bytes;
  }
}
