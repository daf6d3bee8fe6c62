package io.unfreed.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a page shows while others record. */
@Tag("browser")
class LivePageTest extends ServedPage {
  private static final Path FEW = REPLAY_DATA.resolve("perl-cycle.capture");
  private static final Path MANY = REPLAY_DATA.resolve("stealth.capture");

  @Test
  void shouldShowWhatWasRecordedWhileNobodyLooked() throws Exception {
    Path growing = Files.copy(FEW, directory.resolve("growing"));
    open(ColorScheme.LIGHT, growing);
    long before = number("#sum-allocations");

    isSeen(false);
    replace(growing, Files.copy(MANY, directory.resolve("next")));
    long after = ask("report?top=0").at("/totals/allocations").asLong();
    assertThat(after).isNotEqualTo(before);
    isSeen(true);

    showsAllocations(after);
    nothingWasWrong();
  }

  @Test
  void shouldKeepWhatIsLookedAtWhenTheRecordingGoesOn() throws Exception {
    byte[] whole = Files.readAllBytes(MANY);
    Path growing = directory.resolve("growing");
    Files.write(growing, Arrays.copyOf(whole, whole.length * 2 / 3));
    open(ColorScheme.LIGHT, growing);
    page.locator(".explain").first().click();
    page.locator(".explained").waitFor();
    page.locator("[data-choice=flame]").first().focus();
    page.keyboard().press("Enter");
    shown();
    page.locator("#flame").focus();
    page.keyboard().press("ArrowDown");
    page.keyboard().press("Enter");
    page.locator("[data-choice=leaks]").first().focus();

    replace(growing, Files.write(directory.resolve("next"), whole));
    showsAllocations(ask("report?top=0").at("/totals/allocations").asLong());
    shown();

    assertThat(page.locator("#flame-back").isVisible()).isTrue();
    assertThat(page.evaluate("document.activeElement.dataset.choice")).isEqualTo("leaks");
    page.keyboard().press("Enter");
    shown();
    assertThat(page.locator(".explained").count()).isEqualTo(1);
    nothingWasWrong();
  }

  @Test
  void shouldExplainTheSameLeakAgainWhenAnotherHasBecomeFaster() throws Exception {
    Path growing = directory.resolve("growing");
    TwoLeaks.write(growing, 300, 100);
    open(ColorScheme.LIGHT, growing);
    assertThat(page.locator("#view-leaks h3 code").allTextContents())
        .containsExactly("often", "seldom");
    Locator leak = page.locator(".leak").filter(new Locator.FilterOptions().setHasText("seldom"));
    leak.locator(".explain").click();
    leak.locator(".explained b[data-value='150']").waitFor();

    Path next = directory.resolve("next");
    TwoLeaks.write(next, 400, 10_000);
    replace(growing, next);
    showsAllocations(610);
    shown();
    assertThat(page.locator("#view-leaks h3 code").allTextContents())
        .containsExactly("seldom", "often");
    leak.locator(".explain").click();

    leak.locator(".explained b[data-value='210']").waitFor();
    assertThat(page.locator(".explained").count()).isEqualTo(1);
    nothingWasWrong();
  }

  /** As behind a proxy that passes nothing on of a stream until there is much of it. */
  @Test
  void shouldShowWhatThereIsWhileTheStreamIsHeldBack() throws Exception {
    Path growing = Files.copy(FEW, directory.resolve("growing"));
    serve(growing);
    tab = chromium.tab(1280, 900, ColorScheme.LIGHT);
    page = tab.page();
    List<Route> held = new ArrayList<>();
    page.route("**/api/v1/changes", held::add);
    page.navigate(server.urlWithToken());
    shown();
    long before = number("#sum-allocations");

    replace(growing, Files.copy(MANY, directory.resolve("next")));
    long after = ask("report?top=0").at("/totals/allocations").asLong();
    assertThat(after).isNotEqualTo(before);
    assertThat(held).hasSize(1);
    held.getFirst().resume();

    showsAllocations(after);
    nothingWasWrong();
  }

  @Test
  void shouldSayThatTheServerDoesNotAnswerWhenItHasEnded() throws Exception {
    open(ColorScheme.LIGHT, FEW);

    server.close();

    page.locator("#trouble:visible").waitFor();
    assertThat(page.locator("#trouble").textContent()).contains("does not answer");
  }

  /** At once: who looks meanwhile sees the one or the other, whole. */
  private static void replace(Path file, Path next) throws IOException {
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void showsAllocations(long wanted) {
    page.waitForFunction(
        "wanted => document.getElementById('sum-allocations').dataset.value === wanted",
        String.valueOf(wanted));
  }

  /** As when another tab is looked at. */
  private void isSeen(boolean isSeen) {
    page.evaluate(
        "isHidden => {"
            + " Object.defineProperty(document, 'hidden', {configurable: true, value: isHidden});"
            + " document.dispatchEvent(new Event('visibilitychange')); }",
        !isSeen);
  }
}
