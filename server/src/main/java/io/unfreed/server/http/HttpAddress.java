package io.unfreed.server.http;

import io.unfreed.query.UsageException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen.
 *
 * @param host a name or an address, as it was given, without brackets
 * @param port 0 for any that is free
 * @param inet what the host means here
 */
public record HttpAddress(String host, int port, InetAddress inet) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^\\[\\]:]+)):(\\d{1,5})");
  private static final int MOST_PORT = 65_535;

  /** Loopback at any free port. */
  public static HttpAddress loopback() {
    return of("--http", "127.0.0.1:0");
  }

  /**
   * Reads an option.
   *
   * @throws UsageException when it is no address
   */
  public static HttpAddress of(String option, String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || Integer.parseInt(form.group(3)) > MOST_PORT) {
      throw new UsageException(option + " " + text + ": no address: write it HOST:PORT");
    }
    String host = form.group(1) == null ? form.group(2) : form.group(1);
    try {
      return new HttpAddress(host, Integer.parseInt(form.group(3)), InetAddress.getByName(host));
    } catch (UnknownHostException e) {
      throw new UsageException(option + " " + text + ": no such host");
    }
  }

  /** Whether only this host can reach it. */
  public boolean isLoopback() {
    return inet.isLoopbackAddress();
  }

  InetSocketAddress socket() {
    return new InetSocketAddress(inet, port);
  }

  /** A host and a port as they stand in an URL. */
  public static String authority(String host, int port) {
    return host(host) + ":" + port;
  }

  /** A host as it stands in an URL. */
  static String host(String host) {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }
}
