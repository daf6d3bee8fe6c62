package io.unfreed.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who gets an answer, and what every answer says to browsers. */
class DoorTest {
  private static final String TOKEN = "correct-horse-battery";

  private final HttpClient client = HttpClient.newHttpClient();
  private final CountDownLatch arrived = new CountDownLatch(Door.MOST_AT_ONCE);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private WebServer server;

  @BeforeEach
  void start() {
    server =
        WebServer.start(
            HttpAddress.loopback(),
            new AccessRule(TOKEN, List.of("unfreed.example")),
            new Handler() {
              @Override
              public Reply answer(Request request) {
                return switch (request.path()) {
                  case "/fails" -> throw new IllegalStateException("/home/secret/path");
                  case "/late" ->
                      new Reply(
                          Reply.JSON,
                          out -> {
                            out.write('{');
                            throw new IOException("/home/secret/path");
                          });
                  case "/waits" -> waits();
                  case "/events" -> Reply.of(Reply.EVENTS, "data: {}\n\n");
                  case "/open", "/closed" -> Reply.of(Reply.JSON, request.parameters().toString());
                  default -> throw Problem.notFound("nothing here");
                };
              }

              @Override
              public boolean isPublic(String path) {
                return path.equals("/open");
              }

              @Override
              public boolean isStream(String path) {
                return false;
              }
            });
  }

  private Reply waits() {
    arrived.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Reply.of(Reply.JSON, "{}");
  }

  @AfterEach
  void stop() {
    goOn.countDown();
    server.close();
    client.close();
  }

  @Test
  void shouldAnswerWhoKnowsTheToken() throws Exception {
    assertThat(get("/closed", "Authorization", "Bearer " + TOKEN).statusCode()).isEqualTo(200);
    assertThat(get("/closed", "Authorization", "bearer " + TOKEN).statusCode()).isEqualTo(200);
    assertThat(get("/closed?token=" + TOKEN).statusCode()).isEqualTo(200);
    assertThat(get("/open").statusCode()).isEqualTo(200);
    assertThat(server.urlWithToken()).startsWith("http://127.0.0.1:").endsWith("#token=" + TOKEN);
  }

  @Test
  void shouldAskForTheTokenWhenItIsMissingOrWrong() throws Exception {
    for (HttpResponse<String> refused :
        List.of(
            get("/closed"),
            get("/closed?token=" + TOKEN + "x"),
            get("/closed?token="),
            get("/closed?token=" + TOKEN, "Authorization", "Bearer wrong"))) {
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
      assertThat(problem(refused).get("title").asText()).isEqualTo("Token needed");
    }
  }

  @Test
  void shouldRefuseOtherNamesWhenAPageWasBoundToThisAddress() throws Exception {
    String known = "/closed?token=" + TOKEN;
    assertThat(raw(known, "Host: evil.example")).startsWith("HTTP/1.1 403");
    assertThat(raw(known, "Host: evil.example:" + server.port())).startsWith("HTTP/1.1 403");
    assertThat(raw(known, "Host: 127.0.0.1:1")).startsWith("HTTP/1.1 403");
    assertThat(raw(known, "X-Nothing: 1")).startsWith("HTTP/1.1 4");
    assertThat(raw(known, "Host: LOCALHOST:" + server.port())).startsWith("HTTP/1.1 200");
    assertThat(raw(known, "Host: unfreed.example:" + server.port())).startsWith("HTTP/1.1 200");
  }

  @Test
  void shouldRefusePagesOfOtherOrigins() throws Exception {
    String own = "127.0.0.1:" + server.port();
    for (String origin :
        List.of("http://evil.example", "null", "https://" + own, "http://" + own + "0")) {
      HttpResponse<String> refused = get("/open", "Origin", origin);
      assertThat(refused.statusCode()).as(origin).isEqualTo(403);
      assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }
    assertThat(get("/open", "Origin", "http://" + own).statusCode()).isEqualTo(200);
    assertThat(get("/open", "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
    assertThat(get("/open", "Sec-Fetch-Site", "same-origin").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldAskProxiesNotToHoldEventsBack() throws Exception {
    String token = "?token=" + TOKEN;
    assertThat(get("/events" + token).headers().firstValue("X-Accel-Buffering")).hasValue("no");
    assertThat(get("/closed" + token).headers().firstValue("X-Accel-Buffering")).isEmpty();
  }

  @Test
  void shouldAnswerGetAndHeadOnly() throws Exception {
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
      HttpResponse<String> refused =
          client.send(
              HttpRequest.newBuilder(uri("/open"))
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(refused.statusCode()).as(method).isEqualTo(405);
      assertThat(refused.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }
    HttpResponse<String> head =
        client.send(
            HttpRequest.newBuilder(uri("/open")).HEAD().build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void shouldSayItsPolicyWithEveryAnswer() throws Exception {
    for (String path :
        List.of("/open", "/closed", "/nothing?token=" + TOKEN, "/fails?token=" + TOKEN)) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.headers().firstValue("Content-Security-Policy"))
          .as(path)
          .hasValueSatisfying(policy ->
              assertThat(policy)
                  .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                  .doesNotContain("unsafe"));
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    }
  }

  @Test
  void shouldTellNothingOfTheHostWhenAnAnswerFails() throws Exception {
    for (String path : List.of("/fails", "/late")) {
      HttpResponse<String> failed = get(path + "?token=" + TOKEN);
      assertThat(failed.statusCode()).as(path).isEqualTo(500);
      assertThat(failed.body()).doesNotContain("secret").doesNotContain("Exception");
      assertThat(problem(failed).get("status").asInt()).isEqualTo(500);
    }
  }

  @Test
  void shouldRefuseWhatIsTooLongOrSaidTwice() throws Exception {
    assertThat(get("/open?x=" + "y".repeat(9000)).statusCode()).isEqualTo(414);
    assertThat(get("/open?x=1&x=2").statusCode()).isEqualTo(400);
    assertThat(
            raw("/open", "Host: 127.0.0.1:" + server.port() + "\r\nX-Long: " + "y".repeat(40_000)))
        .doesNotStartWith("HTTP/1.1 200");
  }

  @Test
  void shouldSayThatItIsBusyWhenTooManyAskAtOnce() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < Door.MOST_AT_ONCE; i++) {
      waiting.add(
          client.sendAsync(
              HttpRequest.newBuilder(uri("/waits?token=" + TOKEN)).build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    arrived.await();

    HttpResponse<String> refused = get("/closed?token=" + TOKEN);
    goOn.countDown();

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    for (CompletableFuture<HttpResponse<String>> one : waiting) {
      assertThat(one.get().statusCode()).isEqualTo(200);
    }
    assertThat(get("/closed?token=" + TOKEN).statusCode()).isEqualTo(200);
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** What a client says that chooses its own Host. */
  private String raw(String target, String header) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket
          .getOutputStream()
          .write(
              ("GET " + target + " HTTP/1.1\r\n" + header + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "closed";
    }
  }

  private static JsonNode problem(HttpResponse<String> response) throws IOException {
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    return new ObjectMapper().readTree(response.body());
  }
}
