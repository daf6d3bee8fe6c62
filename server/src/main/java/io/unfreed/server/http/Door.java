package io.unfreed.server.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsExchange;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.text.Printable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request passes. In order: how long it is, under which name it was asked and from where
 * (a page of another name that resolves to this address must get nothing), how, by whom, and
 * whether there is room.
 */
final class Door implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final int MOST_TARGET = 8192;

  /** Most of them wait, on virtual threads, for an answer that one of them has asked for. */
  static final int MOST_AT_ONCE = 1024;

  private static final int MOST_STREAMS = 512;

  /** Questions of other instances, each answered at once: readers who wait leave room for them. */
  private static final int MOST_PEERS = 32;

  private static final int BUFFER_BYTES = 1 << 14;
  private static final String BEARER = "Bearer ";

  /** Nothing inline, nothing from elsewhere, nobody around it. */
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
          + " data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final AccessRule access;
  private final Set<String> authorities;

  /** With what the origins of its own pages begin. */
  private final String ownOrigins;

  private final Handler handler;
  private final Semaphore questions = new Semaphore(MOST_AT_ONCE);
  private final Semaphore streams = new Semaphore(MOST_STREAMS);
  private final Semaphore peers = new Semaphore(MOST_PEERS);

  Door(AccessRule access, Set<String> authorities, String scheme, Handler handler) {
    this.access = access;
    this.authorities = authorities;
    this.ownOrigins = scheme + "://";
    this.handler = handler;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    boolean[] begun = new boolean[1];
    try (exchange) {
      try {
        headers(exchange.getResponseHeaders());
        pass(exchange, begun);
      } catch (Problem e) {
        refuse(exchange, begun, e);
      } catch (UsageException e) {
        refuse(exchange, begun, Problem.badRequest(parameters(e.getMessage())));
      } catch (IOException | RuntimeException | StackOverflowError e) {
        if (begun[0]) {
          throw new CutAnswerException(e);
        }
        LOG.warn("a request failed: {}", Printable.of(e.toString()));
        LOG.debug("a request failed", e);
        refuse(
            exchange,
            begun,
            new Problem(500, "Failed", "the answer failed; the server's stderr says why"));
      }
    }
  }

  private void pass(HttpExchange exchange, boolean[] begun) throws IOException {
    URI uri = exchange.getRequestURI();
    if (uri.toString().length() > MOST_TARGET) {
      throw new Problem(414, "Too long", "the request's target is too long");
    }
    checkPlace(exchange.getRequestHeaders());
    String method = exchange.getRequestMethod();
    boolean isHead = method.equals("HEAD");
    if (!isHead && !method.equals("GET")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      throw new Problem(405, "Not allowed", "only GET and HEAD are answered here");
    }
    Request request = Request.of(uri);
    if (!handler.isPublic(request.path())) {
      checkToken(exchange, request);
    }
    Semaphore room = room(request.path());
    if (!room.tryAcquire()) {
      exchange.getResponseHeaders().set("Retry-After", "2");
      throw Problem.busy("too many requests at once; try again in a moment");
    }
    try {
      answer(exchange, handler.answer(request), isHead, begun);
    } finally {
      room.release();
    }
  }

  private Semaphore room(String path) {
    if (handler.isStream(path)) {
      return streams;
    }
    return handler.isOfPeers(path) ? peers : questions;
  }

  private static void answer(HttpExchange exchange, Reply reply, boolean isHead, boolean[] begun)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", reply.type());
    if (reply.fileName() != null) {
      headers.set("Content-Disposition", "attachment; filename=\"" + reply.fileName() + "\"");
    }
    if (reply.type().equals(Reply.EVENTS)) {
      headers.set(
          "X-Accel-Buffering", "no"); // nginx, and who learnt it from it, would wait for more
    }
    if (isHead) {
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    Answer answer = new Answer(exchange, begun);
    OutputStream out = new BufferedOutputStream(answer, BUFFER_BYTES);
    reply.body().writeTo(out);
    out.flush();
    answer.end();
  }

  /** Says 200 with the first byte: what fails before is told as what it is. */
  private static final class Answer extends OutputStream {
    private final HttpExchange exchange;
    private final boolean[] begun;
    private OutputStream out;

    Answer(HttpExchange exchange, boolean[] begun) {
      this.exchange = exchange;
      this.begun = begun;
    }

    private OutputStream out() throws IOException {
      if (out == null) {
        begun[0] = true;
        exchange.sendResponseHeaders(200, 0);
        out = exchange.getResponseBody();
      }
      return out;
    }

    @Override
    public void write(int value) throws IOException {
      out().write(value);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out().write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
      if (out != null) {
        out.flush();
      }
    }

    /** It is whole. */
    void end() throws IOException {
      out().close();
    }
  }

  private void checkPlace(Headers headers) {
    List<String> hosts = headers.getOrDefault("Host", List.of());
    if (hosts.size() != 1 || !authorities.contains(hosts.getFirst().toLowerCase(Locale.ROOT))) {
      throw new Problem(403, "Forbidden", "not a name under which this server may be asked");
    }
    for (String origin : headers.getOrDefault("Origin", List.of())) {
      String lower = origin.toLowerCase(Locale.ROOT);
      boolean isOwn =
          lower.startsWith(ownOrigins)
              && authorities.contains(lower.substring(ownOrigins.length()));
      if (!isOwn && !access.isBehindTls(lower)) {
        throw new Problem(403, "Forbidden", "pages of other origins get no answer");
      }
    }
    String site = headers.getFirst("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      String mode = headers.getFirst("Sec-Fetch-Mode");
      if (!"navigate".equals(mode)) {
        throw new Problem(403, "Forbidden", "pages of other sites get no answer");
      }
    }
  }

  private void checkToken(HttpExchange exchange, Request request) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    // The name of a scheme is the same in any case (RFC 9110, 11.1).
    boolean isKnown =
        (header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            ? access.isToken(header.substring(BEARER.length()).strip())
            : access.isToken(request.get(Request.TOKEN));
    if (!isKnown && !isCertified(exchange)) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      throw new Problem(
          401,
          "Token needed",
          "send the token of the address that the server printed: Authorization: Bearer TOKEN");
    }
  }

  /** TLS takes a client's certificate only if an authority signed it that was given for that. */
  private static boolean isCertified(HttpExchange exchange) {
    if (!(exchange instanceof HttpsExchange tls)) {
      return false;
    }
    try {
      return tls.getSSLSession().getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException none) {
      return false;
    }
  }

  private static void headers(Headers headers) {
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cache-Control", "no-store");
  }

  private static void refuse(HttpExchange exchange, boolean[] begun, Problem problem)
      throws IOException {
    if (begun[0]) {
      return;
    }
    byte[] body = ProblemJson.of(problem);
    exchange.getResponseHeaders().remove("Content-Disposition");
    exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
    boolean isHead = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(problem.status(), isHead ? -1 : body.length);
    if (!isHead) {
      exchange.getResponseBody().write(body);
    }
  }

  /** Options and parameters have one name; only options have dashes. */
  private static String parameters(String line) {
    return line.replaceAll("(?<![A-Za-z0-9])--(?=[a-z])", "");
  }
}
