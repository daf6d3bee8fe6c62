package io.unfreed.cli.option;

import io.unfreed.query.UsageException;
import io.unfreed.server.answer.AnswerLimits;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.Tls;
import io.unfreed.server.http.WebServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the page and the API are served, and to whom. */
public final class HttpOptions {
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

  @Option(
      names = "--longest-answer",
      paramLabel = "D",
      converter = Durations.class,
      defaultValue = "60s",
      description = "Give a question up that takes longer (default: ${DEFAULT-VALUE}).")
  private long longestNanos;

  @Option(
      names = "--answer-memory",
      paramLabel = "SIZE|N%",
      converter = HeapParts.class,
      defaultValue = "25%",
      description =
          "Give a question up whose ledgers need more of the heap than this (default: 25%%); two are"
              + " answered at a time.")
  private long answerBytes;

  @Option(
      names = "--http-tls",
      paramLabel = "FILE",
      description =
          "Speak TLS with the key in FILE: a key store, or PEM with the key (PKCS #8) and its"
              + " certificates.")
  private Path tlsKey;

  @Option(
      names = "--http-tls-password-file",
      paramLabel = "FILE",
      description = "The password of the key store that --http-tls names.")
  private Path tlsPassword;

  @Option(
      names = "--http-client-ca",
      paramLabel = "FILE",
      description =
          "With --http-tls: a certificate signed by one of the authorities in FILE (PEM) is as good"
              + " as the token.")
  private Path clientAuthorities;

  /** Read once: the file may be a pipe. */
  private AccessRule access;

  /** Whether anything is to be served. */
  public boolean isGiven() {
    return address != null;
  }

  /**
   * Where other instances of a service reach this one; null when nobody said it: an address that
   * stands for all of the host's, and no name.
   */
  public String advertised(int port) {
    String host = address().host();
    if (address().inet().isAnyLocalAddress()) {
      if (names.isEmpty()) {
        return null;
      }
      host = names.getFirst();
    }
    return HttpAddress.authority(host, port);
  }

  /** The address to open; with the token only when nobody knows it otherwise. */
  public String url(WebServer server) {
    return tokenFile == null ? server.urlWithToken() : server.url();
  }

  /** What an answer may cost. */
  public AnswerLimits limits() {
    return new AnswerLimits(Duration.ofNanos(longestNanos), answerBytes);
  }

  /** What it speaks TLS with; null for none. */
  public Tls tls() {
    return tlsKey == null ? null : Tls.of(tlsKey, tlsPassword, clientAuthorities);
  }

  /** Where; loopback at any port unless said otherwise. */
  public HttpAddress address() {
    return address == null ? HttpAddress.loopback() : HttpAddress.of("--http", address);
  }

  /**
   * Who may ask.
   *
   * @throws UsageException when anybody on the network could
   */
  public AccessRule access() {
    access = access == null ? readAccess() : access;
    return access;
  }

  private AccessRule readAccess() {
    if (tlsKey == null && (tlsPassword != null || clientAuthorities != null)) {
      throw new UsageException(
          (tlsPassword != null ? "--http-tls-password-file" : "--http-client-ca")
              + " goes with --http-tls");
    }
    if (tokenFile != null) {
      return AccessRule.ofFile(tokenFile, names);
    }
    if (!address().isLoopback() && clientAuthorities == null) {
      throw new UsageException(
          "--http "
              + address
              + ": other hosts can reach it: give --token-file FILE, or --http-tls with"
              + " --http-client-ca; without --http-tls put TLS in front of it");
    }
    return new AccessRule(AccessRule.ofNewToken().token(), names);
  }
}
