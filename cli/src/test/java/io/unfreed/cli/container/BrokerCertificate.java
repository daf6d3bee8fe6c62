package io.unfreed.cli.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testcontainers.DockerClientFactory;

/**
 * A key and its own certificate for a broker at the address that containers have here.
 *
 * @param keyStore PKCS12, for the broker
 * @param certificate PEM, for who must trust it
 */
record BrokerCertificate(Path keyStore, Path certificate) {
  static final String PASSWORD = "changeit";

  /** Makes both by the JDK's keytool. */
  static BrokerCertificate make(Path directory) throws IOException, InterruptedException {
    String host = DockerClientFactory.instance().dockerHostIpAddress();
    String address = host.matches("[0-9.]+") ? ",ip:" + host : ",dns:" + host;
    Path keyStore = directory.resolve("broker.p12");
    Path certificate = directory.resolve("broker.pem");
    keytool(
        keyStore,
        "-genkeypair",
        "-alias",
        "broker",
        "-keyalg",
        "EC",
        "-dname",
        "CN=broker",
        "-validity",
        "2",
        "-ext",
        "SAN=dns:localhost,ip:127.0.0.1" + address);
    keytool(keyStore, "-exportcert", "-rfc", "-alias", "broker", "-file", certificate.toString());
    return new BrokerCertificate(keyStore, certificate);
  }

  private static void keytool(Path keyStore, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-keystore",
                keyStore.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
    command.addAll(Arrays.asList(arguments));
    Path said = Files.createTempFile(keyStore.getParent(), "keytool", "");
    int exitCode =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start()
            .waitFor();
    if (exitCode != 0) {
      throw new AssertionError(command + ": " + Files.readString(said));
    }
  }
}
