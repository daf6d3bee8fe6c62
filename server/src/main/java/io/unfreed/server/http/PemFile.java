package io.unfreed.server.http;

import io.unfreed.query.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key and its certificates as PEM writes them, in any order; the first certificate is the key's
 * own.
 */
record PemFile(PrivateKey key, List<Certificate> certificates) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String KEY = "PRIVATE KEY";

  /** Kinds of keys, of which PKCS #8 does not say the name that Java knows. */
  private static final List<String> KINDS = List.of("RSA", "EC", "EdDSA");

  /** Null when it is no PEM at all. */
  static PemFile of(Path file) throws IOException, GeneralSecurityException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    if (!text.contains("-----BEGIN ")) {
      return null;
    }
    PrivateKey key = null;
    List<Certificate> certificates = new ArrayList<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      switch (block.group(1)) {
        case CERTIFICATE -> certificates.add(certificate(bytes(block)));
        case KEY -> key = key(bytes(block));
        default -> {}
      }
    }
    if (key == null || certificates.isEmpty()) {
      throw new UsageException(
          "--http-tls "
              + file
              + ": holds no "
              + (key == null ? "key as PKCS #8 (openssl pkcs8 -topk8 -nocrypt)" : "certificate"));
    }
    return new PemFile(key, certificates);
  }

  /** The certificates in a file of nothing else. */
  static List<Certificate> certificates(String option, Path file) {
    List<Certificate> certificates = new ArrayList<>();
    try {
      Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      while (block.find()) {
        if (block.group(1).equals(CERTIFICATE)) {
          certificates.add(certificate(bytes(block)));
        }
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new UsageException(option + file + ": cannot be read: " + FileFault.reason(e));
    }
    if (certificates.isEmpty()) {
      throw new UsageException(option + file + ": holds no certificate");
    }
    return certificates;
  }

  /**
   * With the key as its only entry.
   *
   * @throws GeneralSecurityException also when the first certificate is another key's
   */
  KeyStore toKeyStore(char[] password) throws IOException, GeneralSecurityException {
    checkPair();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("key", key, password, certificates.toArray(Certificate[]::new));
    return store;
  }

  private void checkPair() throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    byte[] something = {1};
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(something);
    Signature checking = Signature.getInstance(algorithm);
    checking.initVerify(certificates.getFirst());
    checking.update(something);
    if (!checking.verify(signing.sign())) {
      throw new GeneralSecurityException("the key is not that of the first certificate");
    }
  }

  private static byte[] bytes(Matcher block) throws GeneralSecurityException {
    try {
      return Base64.getMimeDecoder().decode(block.group(2));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("a block of it is not base64", e);
    }
  }

  private static Certificate certificate(byte[] bytes) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(bytes));
  }

  private static PrivateKey key(byte[] bytes) throws GeneralSecurityException {
    for (String kind : KINDS) {
      try {
        return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(bytes));
      } catch (InvalidKeySpecException e) {
        // another kind
      }
    }
    throw new GeneralSecurityException("a key of no known kind");
  }
}
