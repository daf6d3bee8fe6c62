package io.unfreed.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.query.LedgerSink;
import io.unfreed.schemas.Session;
import io.unfreed.server.answer.Archive;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.Certificates;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.Tls;
import io.unfreed.server.http.WebServer;
import io.unfreed.server.metrics.Metrics;
import io.unfreed.streams.topology.TaskShare;
import io.unfreed.streams.topology.TaskShares;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of a service that speak TLS ask each other. */
class HttpPeersTest {
  private static final AccessRule ACCESS = new AccessRule("a-token-of-tests-only", List.of());
  private static final AccessRule OTHER = new AccessRule("another-token-of-tests", List.of());
  private static final String FOR_SERVERS = "EKU=serverAuth";

  private static final long MUCH = 1 << 20;
  private static final int ATTEMPTS = 10;

  @TempDir Path directory;

  @Test
  void shouldAskEachOtherWithCertificatesForServersAloneAndOneToken() throws Exception {
    Certificates authority = new Certificates(directory, "authority");
    Tls first = tls(authority, "first", FOR_SERVERS);
    Tls second = tls(authority, "second", FOR_SERVERS);
    try (Instance one = new Instance(1, ACCESS, first);
        Instance two = new Instance(2, ACCESS, second)) {
      assertThat(one.asks(two)).isEqualTo(2);
      assertThat(two.asks(one)).isEqualTo(1);
    }
  }

  @Test
  void shouldAskEachOtherWithTheirCertificatesInPlaceOfAToken() throws Exception {
    Certificates authority = new Certificates(directory, "authority");
    Tls first = tls(authority, "first", "EKU=serverAuth,clientAuth");
    Tls second = tls(authority, "second"); // for anything
    try (Instance one = new Instance(1, ACCESS, first);
        Instance two = new Instance(2, OTHER, second)) {
      assertThat(one.asks(two)).isEqualTo(2);
      assertThat(two.asks(one)).isEqualTo(1);
    }
  }

  @Test
  void shouldSayThatItIsRefusedWhereNeitherTokenNorCertificateIsKnown() throws Exception {
    Certificates authority = new Certificates(directory, "authority");
    Tls first = tls(authority, "first", FOR_SERVERS);
    try (Instance one = new Instance(1, ACCESS, first);
        Instance two = new Instance(2, OTHER, first)) {
      assertThatThrownBy(() -> one.asks(two))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("answers 401");
    }
  }

  @Test
  void shouldNotTellTheTokenToWhomItCannotKnow() throws Exception {
    Tls own = tls(new Certificates(directory, "authority"), "first");
    Tls foreign = tls(new Certificates(directory, "strangers"), "stranger");
    try (Instance one = new Instance(1, ACCESS, own);
        Instance stranger = new Instance(2, ACCESS, foreign);
        // The certificate names 127.0.0.1.
        Instance elsewhere = new Instance(3, ACCESS, own, "127.0.0.2:0")) {
      assertThatThrownBy(() -> one.asks(stranger)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> one.asks(elsewhere)).isInstanceOf(IOException.class);
      assertThat(stranger.questions).hasValue(0);
      assertThat(elsewhere.questions).hasValue(0);
    }
  }

  @Test
  void shouldSendNoTokenInPlainHttpWhenItSpeaksTls() throws Exception {
    Tls own = tls(new Certificates(directory, "authority"), "first");
    for (InetAddress address : List.of(InetAddress.getLoopbackAddress(), ofThisHost())) {
      String heard = heardInPlain(address, own);
      // A client that gave up before its first word on a busy host has proven nothing.
      for (int attempt = 1; attempt < ATTEMPTS && heard.isEmpty(); attempt++) {
        heard = heardInPlain(address, own);
      }
      assertThat(heard).isNotEmpty().doesNotContain(ACCESS.token()).doesNotContain("HTTP/1");
    }
  }

  private static String heardInPlain(InetAddress address, Tls own) throws Exception {
    try (Listener plain = new Listener(address);
        HttpPeers peers = new HttpPeers(ACCESS, own, MUCH)) {
      assertThatThrownBy(() -> peers.shares(plain.address(), "session"))
          .isInstanceOf(IOException.class);
      return plain.heard.get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  void shouldNotListenToMoreThanAnAnswerMayTake() throws Exception {
    try (Instance one = new Instance(1, ACCESS, null);
        HttpPeers enough = new HttpPeers(ACCESS, null, 100);
        HttpPeers little = new HttpPeers(ACCESS, null, 10)) {
      assertThat(shares(enough, one)).isNotEmpty();
      assertThatThrownBy(() -> little.shares(one.address(), "session"))
          .isInstanceOf(IOException.class);
    }
  }

  /** On a busy host the first handshake may come too late. */
  private static byte[] shares(HttpPeers peers, Instance other) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return peers.shares(other.address(), "session");
      } catch (IOException e) {
        if (attempt == ATTEMPTS || !e.getMessage().matches(".*(timed out|does not answer).*")) {
          throw e;
        }
      }
    }
  }

  private static Tls tls(Certificates authority, String holder, String... extensions)
      throws Exception {
    return Tls.of(authority.signAsPem(holder, extensions), null, authority.authority());
  }

  /** An address at which others reach this host, where there is one. */
  private static InetAddress ofThisHost() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .findFirst()
        .orElseGet(InetAddress::getLoopbackAddress);
  }

  /** Takes one connection, notes how it begins, and says that it speaks no TLS. */
  private static final class Listener implements AutoCloseable {
    final CompletableFuture<String> heard = new CompletableFuture<>();
    private final ServerSocket socket;

    Listener(InetAddress address) throws IOException {
      socket = new ServerSocket(0, 1, address);
      Thread.startVirtualThread(this::listen);
    }

    String address() {
      return HttpAddress.authority(socket.getInetAddress().getHostAddress(), socket.getLocalPort());
    }

    private void listen() {
      try (Socket asked = socket.accept()) {
        byte[] begin = new byte[1 << 16];
        int length = asked.getInputStream().read(begin);
        asked
            .getOutputStream()
            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        heard.complete(new String(begin, 0, Math.max(0, length), StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        heard.completeExceptionally(e);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** What an instance is to others: a page, and somebody who asks. */
  private static final class Instance implements ServiceApi.Instance, AutoCloseable {
    final AtomicInteger questions = new AtomicInteger();
    private final int partition;
    private final WebServer server;
    private final HttpPeers peers;

    Instance(int partition, AccessRule access, Tls tls) {
      this(partition, access, tls, "127.0.0.1:0");
    }

    Instance(int partition, AccessRule access, Tls tls, String address) {
      this.partition = partition;
      peers = new HttpPeers(access, tls, MUCH);
      Readings readings = new Readings(new Nothing());
      ServiceApi api = new ServiceApi(readings, new Metrics(List::of, Map::of), this);
      server = WebServer.start(HttpAddress.of("--http", address), access, tls, api);
    }

    /** The partition that the other one says it has. */
    int asks(Instance other) throws IOException {
      return TaskShares.read(new ByteArrayInputStream(shares(peers, other))).getFirst().partition();
    }

    String address() {
      return server.url().replaceAll("^https?://|/$", "");
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void writeShares(String session, OutputStream out) throws IOException {
      questions.incrementAndGet();
      TaskShares.write(
          List.of(new TaskShare(partition, 0, List.of(), List.of(), null, Map.of())), out);
    }

    @Override
    public void close() {
      peers.close();
      server.close();
    }
  }

  private static final class Nothing implements Archive {
    @Override
    public List<Session> sessions() {
      return List.of();
    }

    @Override
    public void copyTo(String session, LedgerSink ledger) {}

    @Override
    public Object version() {
      return "";
    }
  }
}
