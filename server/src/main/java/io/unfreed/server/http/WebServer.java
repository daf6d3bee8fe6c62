package io.unfreed.server.http;

import com.sun.net.httpserver.HttpServer;
import io.unfreed.query.FailedException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

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
          "jdk.httpserver.maxConnections", "512",
          "sun.net.httpserver.nodelay", "true",
          "sun.net.httpserver.idleInterval", "60");

  private final HttpServer server;
  private final ExecutorService threads;
  private final HttpAddress address;
  private final AccessRule access;

  private WebServer(
      HttpServer server, ExecutorService threads, HttpAddress address, AccessRule access) {
    this.server = server;
    this.threads = threads;
    this.address = address;
    this.access = access;
  }

  /**
   * Starts to serve.
   *
   * @throws FailedException when nothing can listen there
   */
  public static WebServer start(HttpAddress address, AccessRule access, Handler handler) {
    LIMITS.forEach((name, value) -> {
      if (System.getProperty(name) == null) {
        System.setProperty(name, value);
      }
    });
    HttpServer server;
    try {
      server = HttpServer.create(address.socket(), 0);
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
    server.createContext("/", new Door(access, access.authorities(address, port), handler));
    server.start();
    return new WebServer(server, threads, address, access);
  }

  /** The port it listens at. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** The address without the token. */
  public String url() {
    String host = address.inet().isAnyLocalAddress() ? "localhost" : address.host();
    return "http://" + HttpAddress.authority(host, port()) + "/";
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
