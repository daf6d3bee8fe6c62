package io.unfreed.server.http;

import io.unfreed.query.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who may ask.
 *
 * @param token what a request must know
 * @param hosts names under which the server may be asked, beside its own; without ports
 */
public record AccessRule(String token, List<String> hosts) {
  private static final int TOKEN_BYTES = 24;
  private static final int LEAST_TOKEN = 16;
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

  public AccessRule {
    hosts = List.copyOf(hosts);
  }

  /** A token that nobody can guess, made up now. */
  public static AccessRule ofNewToken() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new AccessRule(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), List.of());
  }

  /**
   * The token in a file, which its owner alone should be able to read.
   *
   * @throws UsageException when there is none, or one that can be guessed
   */
  public static AccessRule ofFile(Path file, List<String> hosts) {
    String token;
    try {
      token = Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UsageException("--token-file " + file + ": cannot be read: " + FileFault.reason(e));
    }
    if (token.length() < LEAST_TOKEN || !token.matches("[A-Za-z0-9._~+/=-]+")) {
      throw new UsageException(
          "--token-file "
              + file
              + ": a token has at least "
              + LEAST_TOKEN
              + " characters, letters, digits and -._~+/= alone (openssl rand -hex 24 makes one)");
    }
    return new AccessRule(token, hosts);
  }

  /** The same without time that tells how much of it was right. */
  boolean isToken(String given) {
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether it is the origin of a page under a name for which something else speaks TLS. */
  boolean isBehindTls(String origin) {
    return hosts.stream()
        .anyMatch(name -> origin.equals("https://" + name.toLowerCase(Locale.ROOT)));
  }

  /** The values of Host that a server may be asked under: a page of another name is refused. */
  Set<String> authorities(HttpAddress address, int port) {
    Set<String> names = new HashSet<>(hosts);
    names.add(address.host());
    if (address.isLoopback() || address.inet().isAnyLocalAddress()) {
      names.addAll(LOOPBACK);
    }
    // In front of this server something else may listen, at a port of its own.
    Set<String> authorities = new HashSet<>();
    hosts.forEach(name -> authorities.add(name.toLowerCase(Locale.ROOT)));
    names.forEach(
        name -> authorities.add(HttpAddress.authority(name.toLowerCase(Locale.ROOT), port)));
    if (port == HTTP || port == HTTPS) { // which clients leave out
      names.forEach(name -> authorities.add(HttpAddress.host(name.toLowerCase(Locale.ROOT))));
    }
    return authorities;
  }
}
