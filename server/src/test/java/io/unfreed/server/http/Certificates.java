package io.unfreed.server.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** An authority and what it signs, made by the JDK's keytool. */
public final class Certificates {
  public static final String PASSWORD = "changeit";

  private final Path directory;
  private final String name;

  /** A new authority. */
  public Certificates(Path directory, String name) throws IOException, InterruptedException {
    this.directory = directory;
    this.name = name;
    generate(name, "-ext", "bc:c");
    keytool(name, "-exportcert", "-rfc", "-file", authority().toString());
  }

  /** PEM with its certificate. */
  public Path authority() {
    return directory.resolve(name + ".pem");
  }

  /**
   * A key store with a key and the certificates behind it; for a server at loopback.
   *
   * @param extensions as keytool takes them
   */
  public Path sign(String holder, String... extensions) throws IOException, InterruptedException {
    Path request = directory.resolve(holder + ".csr");
    Path signed = directory.resolve(holder + ".crt");
    generate(holder);
    keytool(holder, "-certreq", "-file", request.toString());
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-gencert",
                "-rfc",
                "-infile",
                request.toString(),
                "-outfile",
                signed.toString(),
                "-validity",
                "2",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1"));
    for (String extension : extensions) {
      arguments.addAll(List.of("-ext", extension));
    }
    keytool(name, arguments.toArray(String[]::new));
    Files.writeString(
        signed, Files.readString(authority()), java.nio.file.StandardOpenOption.APPEND);
    keytool(holder, "-importcert", "-noprompt", "-trustcacerts", "-file", signed.toString());
    return store(holder);
  }

  /** The same as PEM. */
  public Path signAsPem(String holder, String... extensions) throws Exception {
    KeyStore store =
        KeyStore.getInstance(sign(holder, extensions).toFile(), PASSWORD.toCharArray());
    StringBuilder pem = new StringBuilder();
    append(pem, "PRIVATE KEY", store.getKey("key", PASSWORD.toCharArray()).getEncoded());
    for (Certificate one : store.getCertificateChain("key")) {
      append(pem, "CERTIFICATE", one.getEncoded());
    }
    return Files.writeString(directory.resolve(holder + "-key.pem"), pem);
  }

  private static void append(StringBuilder pem, String kind, byte[] bytes)
      throws GeneralSecurityException {
    pem.append("-----BEGIN ").append(kind).append("-----\n");
    pem.append(Base64.getMimeEncoder().encodeToString(bytes));
    pem.append("\n-----END ").append(kind).append("-----\n");
  }

  private Path store(String holder) {
    return directory.resolve(holder + ".p12");
  }

  private void generate(String holder, String... more) throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=" + holder, "-validity", "2"));
    arguments.addAll(Arrays.asList(more));
    keytool(holder, arguments.toArray(String[]::new));
  }

  private void keytool(String holder, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                arguments[0],
                "-alias",
                "key",
                "-keystore",
                store(holder).toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
    command.addAll(Arrays.asList(arguments).subList(1, arguments.length));
    Path said = Files.createTempFile(directory, "keytool", "");
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
