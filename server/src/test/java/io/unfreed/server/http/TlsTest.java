package io.unfreed.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.query.UsageException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server speaks TLS, and a client's certificate may stand for the token. */
class TlsTest {
  private static final String TOKEN = "a-token-of-tests-only";

  @TempDir Path directory;

  @Test
  void shouldAnswerOverTlsWhoKnowsTheToken() throws Exception {
    Certificates authority = new Certificates(directory, "authority");
    Tls tls = Tls.of(authority.signAsPem("server"), null, null);
    try (WebServer server = serve(tls)) {
      HttpClient client = HttpClient.newBuilder().sslContext(tls.asking()).build();

      assertThat(server.url()).startsWith("https://127.0.0.1:");
      assertThat(get(client, server, "Authorization", "Bearer " + TOKEN)).isEqualTo(200);
      assertThat(get(client, server)).isEqualTo(401);
      String origin = server.url().substring(0, server.url().length() - 1);
      assertThat(get(client, server, "Authorization", "Bearer " + TOKEN, "Origin", origin))
          .isEqualTo(200);
      assertThat(
              get(
                  client,
                  server,
                  "Authorization",
                  "Bearer " + TOKEN,
                  "Origin",
                  origin.replace("https", "http")))
          .isEqualTo(403);
      // Who does not trust the authority gets nothing, nor does who speaks without TLS.
      assertThatThrownBy(() -> get(HttpClient.newHttpClient(), server))
          .isInstanceOf(SSLException.class);
      assertThatThrownBy(() ->
              HttpClient.newHttpClient()
                  .send(
                      HttpRequest.newBuilder(
                              URI.create(server.url().replace("https", "http") + "closed"))
                          .build(),
                      HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void shouldTakeACertificateOfTheGivenAuthorityInPlaceOfTheToken() throws Exception {
    Certificates own = new Certificates(directory, "own");
    Certificates clients = new Certificates(directory, "clients");
    Certificates strangers = new Certificates(directory, "strangers");
    Path password = Files.writeString(directory.resolve("password"), Certificates.PASSWORD + "\n");
    Tls tls = Tls.of(own.sign("server"), password, clients.authority());
    try (WebServer server = serve(tls)) {
      assertThat(tls.knowsClients()).isTrue();
      assertThat(get(client(clients.sign("friend"), own), server)).isEqualTo(200);
      HttpClient nobody = HttpClient.newBuilder().sslContext(tls.asking()).build();
      assertThat(get(client(null, own), server)).isEqualTo(401);
      assertThat(get(client(null, own), server, "Authorization", "Bearer " + TOKEN)).isEqualTo(200);
      // Its own certificate is signed by another authority than those of clients.
      assertThat(status(nobody, server)).isNotEqualTo(200);
      assertThat(status(client(strangers.sign("stranger"), own), server)).isNotEqualTo(200);
    }
  }

  @Test
  void shouldSayInALineWhatIsWrongWithAFile() throws Exception {
    Certificates authority = new Certificates(directory, "authority");
    Path key = authority.signAsPem("server");
    Path noKey = authority.authority();
    Path empty = Files.writeString(directory.resolve("empty.pem"), "-----BEGIN NOTHING-----\n");
    Path wrong = Files.writeString(directory.resolve("wrong"), "not the password");

    assertRefused("holds no key", () -> Tls.of(noKey, null, null));
    assertRefused("holds no", () -> Tls.of(empty, null, null));
    assertRefused("cannot be used", () -> Tls.of(authority.sign("other"), wrong, null));
    assertRefused(
        "cannot be used: no such file or directory",
        () -> Tls.of(directory.resolve("nothing"), null, null));
    assertRefused("holds no certificate", () -> Tls.of(key, null, wrong));
  }

  private interface Attempt {
    Tls make() throws Exception;
  }

  private static void assertRefused(String why, Attempt attempt) {
    assertThatThrownBy(attempt::make)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(why)
        .message()
        .doesNotContain("\n");
  }

  /** A client with a key store, or none, that trusts an authority. */
  private HttpClient client(Path keyStore, Certificates trusted) throws Exception {
    if (keyStore == null) {
      return HttpClient.newBuilder().sslContext(trusting(trusted)).build();
    }
    Path password = Files.writeString(directory.resolve("password"), Certificates.PASSWORD);
    return HttpClient.newBuilder()
        .sslContext(Tls.of(keyStore, password, trusted.authority()).asking())
        .build();
  }

  private static SSLContext trusting(Certificates authority) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry(
        "authority", PemFile.certificates("", authority.authority()).getFirst());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static WebServer serve(Tls tls) {
    return WebServer.start(
        HttpAddress.loopback(),
        new AccessRule(TOKEN, List.of()),
        tls,
        new Handler() {
          @Override
          public Reply answer(Request request) {
            return Reply.of(Reply.JSON, "{}");
          }

          @Override
          public boolean isPublic(String path) {
            return false;
          }

          @Override
          public boolean isStream(String path) {
            return false;
          }
        });
  }

  /** 0 where there is no answer at all. */
  private static int status(HttpClient client, WebServer server) throws InterruptedException {
    try {
      return get(client, server);
    } catch (IOException e) {
      return 0;
    }
  }

  private static int get(HttpClient client, WebServer server, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + "closed"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
  }
}
