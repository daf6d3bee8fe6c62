package io.unfreed.server.api;

import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.Tls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Other instances of a service, asked over HTTP as anybody is: they know the token, because all are
 * started with the same file, or the certificate that this one shows. Who speaks TLS asks nobody
 * without it, and nobody whose certificate does not name the address: the token goes no other way.
 * Thread-safe.
 */
public final class HttpPeers implements AutoCloseable {
  private static final Duration CONNECTS = Duration.ofSeconds(1);

  /** The whole answer: behind that the events are read. */
  private static final Duration ANSWERS = Duration.ofSeconds(5);

  private static final int OK = 200;

  private final HttpClient client;
  private final String scheme;
  private final String token;
  private final long mostBytes;

  /**
   * They are served as this instance is.
   *
   * @param tls null for none
   * @param mostBytes an instance that says more is not listened to
   */
  public HttpPeers(AccessRule access, Tls tls, long mostBytes) {
    this.mostBytes = mostBytes;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // With the handshake, for which a busy host needs longer.
            .connectTimeout(tls == null ? CONNECTS : ANSWERS)
            .followRedirects(HttpClient.Redirect.NEVER); // to where the token is not to go
    client = tls == null ? builder.build() : builder.sslContext(tls.asking()).build();
    scheme = tls == null ? "http" : "https";
    token = access.token();
  }

  /**
   * What the tasks of the instance at an address know of a session, as it writes it.
   *
   * @throws IOException when it does not say it, or not in time
   */
  public byte[] shares(String address, String session) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(
            request(address, session),
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), mostBytes));
    try {
      HttpResponse<byte[]> answer = sent.get(ANSWERS.toSeconds(), TimeUnit.SECONDS);
      if (answer.statusCode() != OK) {
        throw new IOException(address + " answers " + answer.statusCode());
      }
      return answer.body();
    } catch (ExecutionException e) {
      throw new IOException(address + ": " + e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw new IOException(address + " does not answer", e);
    } catch (InterruptedException e) {
      sent.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while asking " + address);
    }
  }

  private HttpRequest request(String address, String session) throws IOException {
    try {
      return HttpRequest.newBuilder(
              URI.create(
                  scheme
                      + "://"
                      + address
                      + ServiceApi.SHARES
                      + "?session="
                      + URLEncoder.encode(session, StandardCharsets.UTF_8)))
          .header("Authorization", "Bearer " + token)
          .build();
    } catch (IllegalArgumentException e) { // Kafka takes names that are none of a host
      throw new IOException(address + ": no address of an instance", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
