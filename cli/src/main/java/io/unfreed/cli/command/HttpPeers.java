package io.unfreed.cli.command;

import io.unfreed.query.ServiceState;
import io.unfreed.server.api.ServiceApi;
import io.unfreed.streams.topology.TaskShare;
import io.unfreed.streams.topology.TaskShares;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Other instances of a service, asked over HTTP as anybody is: they know the token, because all are
 * started with the same file. Thread-safe.
 */
final class HttpPeers implements ServiceState.Peers, AutoCloseable {
  private static final Duration CONNECTS = Duration.ofSeconds(1);
  private static final Duration ANSWERS = Duration.ofSeconds(10);
  private static final int OK = 200;

  private final HttpClient client;
  private final String scheme;
  private final String token;

  HttpPeers(HttpClient.Builder client, String scheme, String token) {
    this.client = client.connectTimeout(CONNECTS).build();
    this.scheme = scheme;
    this.token = token;
  }

  @Override
  public List<TaskShare> shares(String address, String session) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    scheme
                        + "://"
                        + address
                        + ServiceApi.SHARES
                        + "?session="
                        + URLEncoder.encode(session, StandardCharsets.UTF_8)))
            .header("Authorization", "Bearer " + token)
            .timeout(ANSWERS)
            .build();
    try {
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = new BufferedInputStream(answer.body())) {
        if (answer.statusCode() != OK) {
          throw new IOException(address + " answers " + answer.statusCode());
        }
        return TaskShares.read(body);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while asking " + address);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
