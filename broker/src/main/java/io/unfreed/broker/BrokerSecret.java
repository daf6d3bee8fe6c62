package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.apache.kafka.common.security.scram.internals.ScramCredentialUtils;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;

/**
 * What a client must know to use the broker of a directory; whoever may read the directory knows
 * it. By SCRAM both sides prove that they know it and neither says it: a program that has taken the
 * port of a killed broker learns nothing and is refused.
 *
 * @param text letters, digits, {@code -} and {@code _}, which need no quoting anywhere
 */
record BrokerSecret(String text) {
  static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;
  static final String USER = "unfreed";

  private static final int RANDOM_BYTES = 32;
  private static final Pattern TEXT = Pattern.compile("[\\w-]{40,}");
  private static final Pattern IN_JAAS = Pattern.compile("password=\"([\\w-]+)\"");
  private static final FileAttribute<Set<PosixFilePermission>> MODE_0600 =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  BrokerSecret {
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException("no secret: " + text.length() + " characters");
    }
  }

  /** The secret in a file, or a new one that is written there. Needs the directory's lock. */
  static BrokerSecret in(Path file) throws IOException {
    try {
      return new BrokerSecret(Files.readString(file).strip());
    } catch (NoSuchFileException | IllegalArgumentException e) {
      BrokerSecret secret = random();
      write(file, secret.text + "\n");
      return secret;
    }
  }

  private static BrokerSecret random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new BrokerSecret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** Writes a file for its owner only, so that a reader sees all of it or none. */
  static void write(Path file, String content) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(draft, MODE_0600);
    Files.writeString(draft, content, StandardOpenOption.WRITE);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The secret in the properties of a client. */
  static Optional<BrokerSecret> ofClient(String jaas) {
    Matcher matcher = IN_JAAS.matcher(jaas);
    return matcher.find() ? Optional.of(new BrokerSecret(matcher.group(1))) : Optional.empty();
  }

  /** What a client is told beside the address. */
  Map<String, Object> toClient() {
    return Map.of(
        CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
        "SASL_PLAINTEXT",
        SaslConfigs.SASL_MECHANISM,
        MECHANISM.mechanismName(),
        SaslConfigs.SASL_JAAS_CONFIG,
        jaas(""));
  }

  /** For a listener: what it asks of clients, and what the node itself says as a client. */
  String toServerJaas() {
    try {
      String proof =
          ScramCredentialUtils.credentialToString(
              new ScramFormatter(MECHANISM).generateCredential(text, MECHANISM.minIterations()));
      return jaas(" %s=\"%s\"".formatted(OneUserHandler.PROOF, proof));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String jaas(String more) {
    return "%s required username=\"%s\" password=\"%s\"%s;"
        .formatted(ScramLoginModule.class.getName(), USER, text, more);
  }

  @Override
  public String toString() {
    return "BrokerSecret";
  }
}
