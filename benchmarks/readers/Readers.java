import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Readers of a service, until killed: {@code java Readers.java URL TOKEN READERS PAGES SECONDS}. A
 * reader asks for the report every so many seconds, a page listens for changes and then asks what
 * the page asks. Says once a second how it goes.
 */
public final class Readers {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final AtomicLong ANSWERS = new AtomicLong();
  private static final AtomicLong REFUSED = new AtomicLong();
  private static final AtomicLong FAILED = new AtomicLong();
  private static final AtomicLong CHANGES = new AtomicLong();

  private Readers() {}

  public static void main(String[] arguments) throws InterruptedException {
    String url = arguments[0];
    String token = arguments[1];
    int readers = Integer.parseInt(arguments[2]);
    int pages = Integer.parseInt(arguments[3]);
    long pauseMillis = 1000L * Integer.parseInt(arguments[4]);
    for (int i = 0; i < readers; i++) {
      Thread.startVirtualThread(() -> read(url, token, pauseMillis));
    }
    for (int i = 0; i < pages; i++) {
      Thread.startVirtualThread(() -> look(url, token));
    }
    while (true) {
      Thread.sleep(1000);
      System.out.printf(
          "answers %d refused %d failed %d changes %d%n",
          ANSWERS.get(), REFUSED.get(), FAILED.get(), CHANGES.get());
    }
  }

  private static void read(String url, String token, long pauseMillis) {
    while (true) {
      pause(ThreadLocalRandom.current().nextLong(2 * pauseMillis));
      ask(url, token, "report");
    }
  }

  private static void look(String url, String token) {
    while (true) {
      try {
        HttpResponse<java.io.InputStream> answer =
            CLIENT.send(
                request(url, token, "changes"), HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader events =
            new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
          for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (line.equals("event: changed")) {
              CHANGES.incrementAndGet();
              ask(url, token, "sessions");
              ask(url, token, "report?top=0");
              ask(url, token, "timeline");
              ask(url, token, "stacks");
            }
          }
        }
      } catch (IOException | InterruptedException e) {
        FAILED.incrementAndGet();
        pause(3000);
      }
    }
  }

  private static void ask(String url, String token, String what) {
    try {
      int status =
          CLIENT.send(request(url, token, what), HttpResponse.BodyHandlers.discarding())
              .statusCode();
      (status == 200 ? ANSWERS : status == 503 ? REFUSED : FAILED).incrementAndGet();
    } catch (IOException | InterruptedException e) {
      FAILED.incrementAndGet();
    }
  }

  private static HttpRequest request(String url, String token, String what) {
    return HttpRequest.newBuilder(URI.create(url + "api/v1/" + what))
        .header("Authorization", "Bearer " + token)
        .timeout(Duration.ofMinutes(10))
        .build();
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
