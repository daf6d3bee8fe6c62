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
 * Readers of a session of a service, until killed: {@code java Readers.java URL TOKEN SESSION
 * READERS PAGES SECONDS LATER}. A reader asks for the report every so many seconds; a page is
 * opened, listens for changes and at each asks what the page asks. They begin so many seconds
 * later. Says once a second how it goes.
 */
public final class Readers {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final AtomicLong ANSWERS = new AtomicLong();
  private static final AtomicLong REFUSED = new AtomicLong();
  private static final AtomicLong FAILED = new AtomicLong();
  private static final AtomicLong CHANGES = new AtomicLong();
  private static final AtomicLong OPENED = new AtomicLong();

  private Readers() {}

  public static void main(String[] arguments) throws InterruptedException {
    String url = arguments[0];
    String token = arguments[1];
    String session = "session=" + arguments[2];
    int readers = Integer.parseInt(arguments[3]);
    int pages = Integer.parseInt(arguments[4]);
    long pauseMillis = 1000L * Integer.parseInt(arguments[5]);
    pause((long) (1000 * Double.parseDouble(arguments[6])));
    for (int i = 0; i < readers; i++) {
      Thread.startVirtualThread(() -> read(url, token, session, pauseMillis));
    }
    for (int i = 0; i < pages; i++) {
      Thread.startVirtualThread(() -> look(url, token, session));
    }
    while (true) {
      Thread.sleep(1000);
      System.out.printf(
          "opened %d answers %d refused %d failed %d changes %d%n",
          OPENED.get(), ANSWERS.get(), REFUSED.get(), FAILED.get(), CHANGES.get());
    }
  }

  private static void read(String url, String token, String session, long pauseMillis) {
    while (true) {
      pause(ThreadLocalRandom.current().nextLong(2 * pauseMillis));
      ask(url, token, "report?" + session);
    }
  }

  private static void look(String url, String token, String session) {
    show(url, token, session);
    OPENED.incrementAndGet();
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
              show(url, token, session);
            }
          }
        }
      } catch (IOException | InterruptedException e) {
        FAILED.incrementAndGet();
        pause(3000);
      }
    }
  }

  private static void show(String url, String token, String session) {
    ask(url, token, "sessions");
    ask(url, token, "timeline?group-by=process&" + session);
    ask(url, token, "report?top=40&" + session);
    ask(url, token, "timeline?group-by=stack&top=40&" + session);
    ask(url, token, "stacks?" + session);
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
