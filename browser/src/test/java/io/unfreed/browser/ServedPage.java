package io.unfreed.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.server.answer.FileArchive;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.api.Api;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.WebServer;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of the page share: a server over files, a browser, and what a person does in it. */
abstract class ServedPage {
  static final Path REPLAY_DATA = Path.of("..", "replay-data");
  static final AccessRule ACCESS = AccessRule.ofNewToken();
  static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  Chromium chromium;
  WebServer server;
  Chromium.Tab tab;
  Page page;

  @BeforeEach
  void start() {
    chromium = Chromium.start();
  }

  @AfterEach
  void stop() {
    if (tab != null) {
      tab.close();
    }
    if (server != null) {
      server.close();
    }
    chromium.close();
  }

  void open(ColorScheme colors, Path... files) throws IOException {
    serve(files);
    tab = chromium.tab(1280, 900, colors);
    page = tab.page();
    page.navigate(server.urlWithToken());
    shown();
  }

  void serve(Path... files) throws IOException {
    if (server != null) {
      server.close();
    }
    FileArchive archive =
        new FileArchive(
            List.of(files), ImportOptions.defaults(), (one, result) -> {}, Duration.ofMinutes(1));
    server = WebServer.start(HttpAddress.loopback(), ACCESS, new Api(new Readings(archive)));
  }

  /** Waits until what the state says is what is seen. */
  void shown() {
    page.waitForFunction(
        "() => document.body.dataset.shown && !document.body.classList.contains('asking')"
            + " && document.getElementById('trouble').hidden");
  }

  void show(String view) {
    page.locator("#tabs [data-choice=" + view + "]").click();
    shown();
    assertThat(page.locator("#view-" + view).isVisible()).isTrue();
  }

  void brush(String canvas, double from, double to) {
    BoundingBox box = page.locator(canvas).boundingBox();
    double y = box.y + box.height / 2;
    page.mouse().move(box.x + 66 + from * (box.width - 80), y);
    page.mouse().down();
    page.mouse().move(box.x + 66 + (from + to) / 2 * (box.width - 80), y);
    page.mouse().move(box.x + 66 + to * (box.width - 80), y);
    page.mouse().up();
    shown();
  }

  long number(String selector) {
    return Long.parseLong(page.locator(selector).first().getAttribute("data-value"));
  }

  Map<String, String> state() {
    Map<String, String> state = new HashMap<>();
    Matcher pairs = Pattern.compile("[#&]([^=#&]+)=([^&]*)").matcher(page.url());
    while (pairs.find()) {
      state.put(pairs.group(1), URLDecoder.decode(pairs.group(2), StandardCharsets.UTF_8));
    }
    return state;
  }

  JsonNode ask(String question) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(server.url() + "api/v1/" + question))
                  .header("Authorization", "Bearer " + ACCESS.token())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return JSON.readTree(answer.body());
    }
  }

  void nothingWasWrong() {
    assertThat(tab.complaints()).isEmpty();
    assertThat(tab.askedOthers(server.url())).isEmpty();
  }
}
