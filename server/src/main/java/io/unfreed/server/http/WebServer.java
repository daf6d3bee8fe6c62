package io.unfreed.server.http;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.unfreed.query.FailedException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLParameters;

/**
 * The JDK's HTTP server with a {@link Door} in front, a virtual thread for each request. Its own
 * limits are properties of the process: they are set before its first use.
 */
public final class WebServer implements AutoCloseable {
  /** What of a request is read before anybody knows who asks. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "sun.net.httpserver.maxReqHeaders", "60",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.maxReqTime", "20",
          "jdk.httpserver.maxConnections", "2048",
          "sun.net.httpserver.nodelay", "true",
          "sun.net.httpserver.idleInterval", "60");

  /** Who comes at the same moment as many others is not to wait for a second look. */
  private static final int BACKLOG = 1024;

  private final HttpServer server;
  private final ExecutorService threads;
  private final HttpAddress address;
  private final AccessRule access;
  private final String scheme;

  private WebServer(
      HttpServer server,
      ExecutorService threads,
      HttpAddress address,
      AccessRule access,
      String scheme) {
    this.server = server;
    this.threads = threads;
    this.address = address;
    this.access = access;
    this.scheme = scheme;
  }

  /** Starts to serve, without TLS. */
  public static WebServer start(HttpAddress address, AccessRule access, Handler handler) {
    return start(address, access, null, handler);
  }

  /**
   * Starts to serve.
   *
   * @param tls null for none
   * @throws FailedException when nothing can listen there
   */
  public static WebServer start(HttpAddress address, AccessRule access, Tls tls, Handler handler) {
    LIMITS.forEach((name, value) -> {
      if (System.getProperty(name) == null) {
        System.setProperty(name, value);
      }
    });
    HttpServer server;
    try {
      server = tls == null ? HttpServer.create(address.socket(), BACKLOG) : secure(address, tls);
    } catch (IOException e) {
      throw new FailedException(
          "cannot listen at "
              + HttpAddress.authority(address.host(), address.port())
              + ": "
              + e.getMessage(),
          e);
    }
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    int port = server.getAddress().getPort();
    String scheme = tls == null ? "http" : "https";
    server.createContext("/", new Door(access, access.authorities(address, port), scheme, handler));
    server.start();
    return new WebServer(server, threads, address, access, scheme);
  }

  private static HttpServer secure(HttpAddress address, Tls tls) throws IOException {
    HttpsServer server = HttpsServer.create(address.socket(), BACKLOG);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls.serving()) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters ours = getSSLContext().getDefaultSSLParameters();
            ours.setWantClientAuth(tls.knowsClients());
            parameters.setSSLParameters(ours);
          }
        });
    return server;
  }

  /** The port it listens at. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** The address without the token. */
  public String url() {
    String host = address.inet().isAnyLocalAddress() ? "localhost" : address.host();
    return scheme + "://" + HttpAddress.authority(host, port()) + "/";
  }

  /** What a request must know. */
  public String token() {
    return access.token();
  }

  /** The address to open; what stands behind # stays in the browser, out of every log. */
  public String urlWithToken() {
    return url() + "#token=" + access.token();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
