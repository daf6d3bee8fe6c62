package io.unfreed.cli.container;

import io.unfreed.cli.BrokerAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** A broker in a container that takes nobody without TLS and a password, and obeys ACLs. */
final class SecuredBroker implements AutoCloseable {
  private static final String ADMIN = "admin";
  private static final String KEY_STORE = "/tmp/broker.p12";

  /** How soon a killed instance's partitions go to another one; brokers' default is 45 s. */
  private static final String SESSION_MILLIS = "10000";

  private final Path directory;
  private final BrokerCertificate certificate;
  private final KafkaContainer container;

  private SecuredBroker(Path directory, BrokerCertificate certificate, KafkaContainer container) {
    this.directory = directory;
    this.certificate = certificate;
    this.container = container;
  }

  /**
   * Starts it.
   *
   * @param roles by the names of users, who get what the documentation says of these roles
   */
  static SecuredBroker start(DockerImageName image, Path directory, Map<String, List<String>> roles)
      throws Exception {
    BrokerCertificate certificate = BrokerCertificate.make(directory);
    List<String> users = new ArrayList<>(roles.keySet());
    users.add(ADMIN);
    SecuredBroker broker =
        new SecuredBroker(directory, certificate, container(image, certificate, users));
    try {
      broker.container.start();
      broker.give(roles);
      return broker;
    } catch (Exception | Error e) {
      broker.close();
      throw e;
    }
  }

  /** Testcontainers names the listener PLAINTEXT; what is spoken there is another matter. */
  private static KafkaContainer container(
      DockerImageName image, BrokerCertificate certificate, List<String> users) {
    String passwords =
        users.stream()
            .map(user -> "user_%s=\"%s\"".formatted(user, password(user)))
            .collect(Collectors.joining(" "));
    Map<String, String> settings = new HashMap<>();
    settings.put(
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
        "PLAINTEXT:SASL_SSL,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("KAFKA_SASL_ENABLED_MECHANISMS", "PLAIN");
    settings.put(
        "KAFKA_LISTENER_NAME_PLAINTEXT_PLAIN_SASL_JAAS_CONFIG",
        "org.apache.kafka.common.security.plain.PlainLoginModule required " + passwords + ";");
    settings.put("KAFKA_SSL_KEYSTORE_TYPE", "PKCS12");
    settings.put("KAFKA_SSL_KEYSTORE_LOCATION", KEY_STORE);
    settings.put("KAFKA_SSL_KEYSTORE_PASSWORD", BrokerCertificate.PASSWORD);
    settings.put(
        "KAFKA_AUTHORIZER_CLASS_NAME", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    // The broker itself, which is ANONYMOUS on its inner listeners, and who gives the rights.
    settings.put("KAFKA_SUPER_USERS", "User:ANONYMOUS;User:" + ADMIN);
    settings.put("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
    settings.put("KAFKA_GROUP_STREAMS_MIN_SESSION_TIMEOUT_MS", SESSION_MILLIS);
    settings.put("KAFKA_GROUP_STREAMS_SESSION_TIMEOUT_MS", SESSION_MILLIS);
    settings.put("KAFKA_GROUP_STREAMS_MIN_HEARTBEAT_INTERVAL_MS", "1000");
    settings.put("KAFKA_GROUP_STREAMS_HEARTBEAT_INTERVAL_MS", "1000");
    return new KafkaContainer(image)
        .withEnv(settings)
        .withCopyFileToContainer(
            MountableFile.forHostPath(certificate.keyStore(), 0644), KEY_STORE);
  }

  private void give(Map<String, List<String>> roles) throws Exception {
    List<AclBinding> rights = new ArrayList<>();
    for (Map.Entry<String, List<String>> user : roles.entrySet()) {
      for (String role : user.getValue()) {
        rights.addAll(DocumentedRights.of(role, user.getKey()));
      }
    }
    try (Admin admin = admin()) {
      admin.createAcls(rights).all().get();
    }
  }

  /** A client that may everything. */
  Admin admin() {
    return Admin.create(client(ADMIN, password(ADMIN)));
  }

  /** How a user reaches it. */
  BrokerAccess access(String user) throws IOException {
    return access(user, password(user));
  }

  /** The same, with a password that may be wrong. */
  BrokerAccess access(String user, String password) throws IOException {
    Path file = Files.createTempFile(directory, user, ".properties");
    try (var writer = Files.newBufferedWriter(file)) {
      client(user, password).store(writer, null);
    }
    return BrokerAccess.of(file);
  }

  private Properties client(String user, String password) {
    Properties client = new Properties();
    client.put("bootstrap.servers", container.getBootstrapServers().replace("PLAINTEXT://", ""));
    client.put("security.protocol", "SASL_SSL");
    client.put("ssl.truststore.type", "PEM");
    client.put("ssl.truststore.location", certificate.certificate().toString());
    client.put("sasl.mechanism", "PLAIN");
    client.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, password));
    return client;
  }

  private static String password(String user) {
    return user + "-secret";
  }

  @Override
  public void close() {
    container.close();
  }
}
