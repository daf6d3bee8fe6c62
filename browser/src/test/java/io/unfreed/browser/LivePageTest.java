package io.unfreed.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    Files.copy(MANY, growing, StandardCopyOption.REPLACE_EXISTING);
    long after = ask("report?top=0").at("/totals/allocations").asLong();
    assertThat(after).isNotEqualTo(before);
    isSeen(true);

    page.waitForFunction(
        "wanted => document.getElementById('sum-allocations').dataset.value === wanted",
        String.valueOf(after));
    nothingWasWrong();
  }

  @Test
  void shouldSayThatTheServerDoesNotAnswerWhenItHasEnded() throws Exception {
    open(ColorScheme.LIGHT, FEW);

    server.close();

    page.locator("#trouble:visible").waitFor();
    assertThat(page.locator("#trouble").textContent()).contains("does not answer");
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
