package io.unfreed.cli.command;

import io.unfreed.query.UsageException;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.WebServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the page and the API are served, and to whom. */
final class HttpOptions {
  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description =
          "Serve the page and the API there; port 0 is any. Any address but loopback needs"
              + " --token-file.")
  private String address;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Who asks must know the token in FILE (default on loopback: a new one).")
  private Path tokenFile;

  @Option(
      names = "--http-name",
      paramLabel = "NAME",
      description = "A name under which browsers reach it, beside that of HOST; may be repeated.")
  private List<String> names = new ArrayList<>();

  /** Whether anything is to be served. */
  boolean isGiven() {
    return address != null;
  }

  /** The address to open; with the token only when nobody knows it otherwise. */
  String url(WebServer server) {
    return tokenFile == null ? server.urlWithToken() : server.url();
  }

  /** Where; loopback at any port unless said otherwise. */
  HttpAddress address() {
    return address == null ? HttpAddress.loopback() : HttpAddress.of("--http", address);
  }

  /**
   * Who may ask.
   *
   * @throws UsageException when anybody on the network could
   */
  AccessRule access() {
    if (tokenFile != null) {
      return AccessRule.ofFile(tokenFile, names);
    }
    if (!address().isLoopback()) {
      throw new UsageException(
          "--http "
              + address
              + ": other hosts can reach it: give --token-file FILE, and put TLS in front of it");
    }
    return new AccessRule(AccessRule.ofNewToken().token(), names);
  }
}
