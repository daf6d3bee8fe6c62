package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may use the embedded broker, and its controller: who may read its directory. */
@Tag("broker")
final class CredentialsTest {
  private static final String OTHER_SECRET = "0123456789012345678901234567890123456789";

  @TempDir private Path parent;
  private EmbeddedBroker broker;

  @BeforeEach
  void start() {
    broker = EmbeddedBroker.openOrConnect(parent.resolve("kept"));
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void shouldRefuseWhoKnowsNoSecret() throws Exception {
    for (Map<String, Object> client : addresses()) {
      assertThatThrownBy(() -> clusterId(client, Duration.ofSeconds(3)))
          .as(client.toString())
          .hasCauseInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void shouldRefuseAWrongSecret() throws Exception {
    for (Map<String, Object> client : addresses()) {
      client.putAll(new BrokerSecret(OTHER_SECRET).toClient());

      assertThatThrownBy(() -> clusterId(client))
          .as(client.toString())
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void shouldLetInWhoReadsTheFileOfClientProperties() throws Exception {
    assertThat(clusterId(BrokerAddress.read(broker.clientFile()).orElseThrow().toClient()))
        .isEqualTo(clusterId(broker.client()));
  }

  @Test
  void shouldKeepTheSecretFromOtherUsers() throws Exception {
    Path directory = parent.resolve("kept");
    for (String file : List.of("broker.secret", "broker.address")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))))
          .as(file)
          .isEqualTo("rw-------");
    }
    assumeTrue(System.getProperty("user.name").equals("root"), "SKIPPED: broker: not root");
    Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
    Process nobody =
        new ProcessBuilder(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "cat",
                broker.clientFile().toString())
            .redirectErrorStream(true)
            .start();
    try (InputStream out = nobody.getInputStream()) {
      assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8))
          .contains("Permission denied")
          .doesNotContain("password");
    }
    assertThat(nobody.waitFor()).isEqualTo(1);
  }

  @Test
  void shouldKnowTheSameSecretWhenOpenedAgain() {
    Object before = broker.client().get("sasl.jaas.config");
    broker.close();
    broker = EmbeddedBroker.openOrConnect(parent.resolve("kept"));

    assertThat(broker.client().get("sasl.jaas.config")).isEqualTo(before);
  }

  @Test
  void shouldNeverPrintTheSecret() {
    assertThat(new BrokerSecret(OTHER_SECRET).toString()).doesNotContain(OTHER_SECRET);
  }

  /** Of broker and controller, as their clients have them. */
  private List<Map<String, Object>> addresses() throws IOException {
    List<Map<String, Object>> addresses = new ArrayList<>();
    for (String socket : ListeningSockets.ofThisProcess()) {
      String address = ListeningSockets.hostAndPort(socket);
      boolean isBroker = address.equals(broker.bootstrapServers());
      String name = isBroker ? "bootstrap.servers" : "bootstrap.controllers";
      addresses.add(new HashMap<>(Map.of(name, address)));
    }
    assertThat(addresses).hasSizeGreaterThanOrEqualTo(2);
    return addresses;
  }

  private static String clusterId(Map<String, Object> client)
      throws ExecutionException, InterruptedException {
    return clusterId(client, Duration.ofMinutes(1));
  }

  private static String clusterId(Map<String, Object> client, Duration patience)
      throws ExecutionException, InterruptedException {
    Map<String, Object> config = new HashMap<>(client);
    int patienceMillis = (int) patience.toMillis();
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, patienceMillis);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, patienceMillis);
    try (Admin admin = Admin.create(config)) {
      return admin.describeCluster().clusterId().get();
    }
  }
}
