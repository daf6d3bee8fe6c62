package io.unfreed.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The system's Chromium, without a screen. Used by one thread. */
final class Chromium implements AutoCloseable {
  private static final Path EXECUTABLE = Path.of("/usr/bin/chromium");

  private final Playwright playwright;
  private final Browser browser;

  /** What a page complained of, and whom it asked. */
  static final class Tab implements AutoCloseable {
    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private Tab(BrowserContext context) {
      this.context = context;
      page = context.newPage();
      page.onConsoleMessage(this::note);
      page.onPageError(complaints::add);
      page.onDialog(dialog -> {
        complaints.add("a dialog: " + dialog.message());
        dialog.dismiss();
      });
      page.onRequest(request -> asked.add(request.url()));
    }

    private void note(ConsoleMessage message) {
      if (message.type().equals("error") || message.type().equals("warning")) {
        complaints.add(message.text());
      }
    }

    Page page() {
      return page;
    }

    List<String> complaints() {
      return complaints;
    }

    /** Requests to anybody but the one server. */
    List<String> askedOthers(String own) {
      List<String> others = new ArrayList<>(asked);
      others.removeIf(
          url -> url.startsWith(own) || url.startsWith("data:") || url.startsWith("blob:"));
      return others;
    }

    /** For people: kept only where somebody says where. */
    void shoot(String name) {
      String directory = System.getProperty("unfreed.screenshots");
      if (directory != null) {
        page.screenshot(
            new Page.ScreenshotOptions()
                .setPath(Path.of(directory, name + ".png"))
                .setFullPage(true));
      }
    }

    @Override
    public void close() {
      context.close();
    }
  }

  private Chromium(Playwright playwright, Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  /** Starts it; skips the test where there is none. */
  static Chromium start() {
    assumeTrue(Files.isExecutable(EXECUTABLE), "browser: no " + EXECUTABLE);
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(EXECUTABLE)
                    .setArgs(
                        List.of(
                            "--no-sandbox", "--disable-gpu", "--disable-background-networking")));
    return new Chromium(playwright, browser);
  }

  /** A tab of its own, with nothing kept from others. */
  Tab tab(int width, int height, ColorScheme colors) {
    return new Tab(
        browser.newContext(
            new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(colors)));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
