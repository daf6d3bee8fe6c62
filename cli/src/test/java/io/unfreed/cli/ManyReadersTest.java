package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.server.answer.FileArchive;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.api.Api;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.WebServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hundreds who read at once, and a hundred live pages, are answered as one is. */
class ManyReadersTest {
  private static final AccessRule ACCESS = AccessRule.ofNewToken();
  private static final int READERS = 400;
  private static final int PAGES = 100;

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void shouldAnswerAllOfThemRightFromOnePassForEachState() throws Exception {
    Path file = directory.resolve("growing.unfreed");
    MarkedRecording.write(file, "marked", "ab01", 100);
    Readings readings =
        new Readings(
            new FileArchive(
                List.of(file),
                ImportOptions.defaults(),
                (one, result) -> {},
                Duration.ofMinutes(1)));
    try (WebServer server = WebServer.start(HttpAddress.loopback(), ACCESS, new Api(readings));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<BufferedReader> pages = new ArrayList<>();
      for (Future<BufferedReader> page : all(PAGES, threads, () -> listen(server))) {
        pages.add(page.get());
      }
      assertAllSay(expected(file), all(READERS, threads, () -> report(server)));
      assertThat(readings.numbers()).containsEntry("passes", 1.0);

      Path more = directory.resolve("more.unfreed");
      MarkedRecording.write(more, "marked", "ab01", 2000);
      Files.move(more, file, StandardCopyOption.REPLACE_EXISTING);
      List<Future<String>> seen = new ArrayList<>();
      for (BufferedReader page : pages) {
        seen.add(
            threads.submit(() -> {
              awaitChange(page);
              return report(server);
            }));
      }
      assertAllSay(expected(file), seen);
      assertAllSay(expected(file), all(READERS, threads, () -> report(server)));
      assertThat(readings.numbers()).containsEntry("passes", 2.0);
      for (BufferedReader page : pages) {
        page.close();
      }
    }
  }

  private interface Asking<T> {
    T ask() throws Exception;
  }

  private static <T> List<Future<T>> all(int number, ExecutorService threads, Asking<T> asking) {
    List<Future<T>> asked = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      asked.add(threads.submit(asking::ask));
    }
    return asked;
  }

  private static void assertAllSay(String expected, List<Future<String>> answers) throws Exception {
    for (Future<String> answer : answers) {
      assertThat(answer.get()).isEqualTo(expected);
    }
  }

  private static String expected(Path file) {
    return CommandRun.of("report", file.toString(), "--format", "json").out();
  }

  private String report(WebServer server) throws Exception {
    HttpResponse<String> answer =
        client.send(request(server, "report"), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private BufferedReader listen(WebServer server) throws Exception {
    BufferedReader events =
        new BufferedReader(
            new InputStreamReader(
                client
                    .send(request(server, "changes"), HttpResponse.BodyHandlers.ofInputStream())
                    .body(),
                StandardCharsets.UTF_8));
    assertThat(events.readLine()).startsWith("retry:");
    return events;
  }

  private static void awaitChange(BufferedReader events) throws Exception {
    String line = events.readLine();
    while (line != null && !line.equals("event: changed")) {
      line = events.readLine();
    }
    assertThat(line).isNotNull();
  }

  private static HttpRequest request(WebServer server, String what) {
    return HttpRequest.newBuilder(URI.create(server.url() + "api/v1/" + what))
        .header("Authorization", "Bearer " + ACCESS.token())
        .build();
  }
}
