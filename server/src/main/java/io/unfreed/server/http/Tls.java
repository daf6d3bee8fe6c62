package io.unfreed.server.http;

import io.unfreed.query.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The key with which a server speaks TLS, and whose certificates are as good as its token. Its own
 * certificate is shown, too, when it asks other instances of its service, unless it is for servers
 * alone.
 */
public final class Tls {
  private static final String OPTION = "--http-tls ";
  private static final String CLIENTS_OPTION = "--http-client-ca ";

  /** Extended uses of a key, RFC 5280, section 4.2.1.12. */
  private static final Set<String> FOR_CLIENTS = Set.of("1.3.6.1.5.5.7.3.2", "2.5.29.37.0");

  private static final char[] IN_MEMORY = "in memory".toCharArray();

  private final SSLContext serving;
  private final SSLContext asking;
  private final boolean knowsClients;

  private Tls(SSLContext serving, SSLContext asking, boolean knowsClients) {
    this.serving = serving;
    this.asking = asking;
    this.knowsClients = knowsClients;
  }

  /**
   * Reads the files.
   *
   * @param key a key store, PKCS12 or JKS, or PEM with the key and its certificates
   * @param password file with the key store's password; null for none
   * @param clients PEM with the authorities whose certificates may ask; null for none
   * @throws UsageException when they are not what they should be, in a line
   */
  public static Tls of(Path key, Path password, Path clients) {
    try {
      PemFile pem = PemFile.of(key);
      char[] secret = pem == null ? secret(password) : IN_MEMORY;
      KeyStore own = pem == null ? keyStore(key, secret) : pem.toKeyStore(IN_MEMORY);
      List<Certificate> authorities =
          clients == null ? List.of() : PemFile.certificates(CLIENTS_OPTION, clients);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, secret);
      List<Certificate> instances = new ArrayList<>(chain(own));
      instances.addAll(authorities);
      KeyManager[] shown = isForClients(chain(own)) ? keys.getKeyManagers() : new KeyManager[0];
      return new Tls(
          context(keys.getKeyManagers(), authorities),
          context(shown, instances),
          !authorities.isEmpty());
    } catch (IOException | GeneralSecurityException e) {
      throw new UsageException(OPTION + key + ": cannot be used: " + FileFault.reason(e));
    }
  }

  /** What the server speaks with. */
  SSLContext serving() {
    return serving;
  }

  /** What other instances are asked with: who signed the own certificate may sign theirs. */
  public SSLContext asking() {
    return asking;
  }

  /** Whether a certificate may stand for the token. */
  public boolean knowsClients() {
    return knowsClients;
  }

  private static char[] secret(Path password) throws IOException {
    return password == null
        ? new char[0]
        : Files.readString(password, StandardCharsets.UTF_8).strip().toCharArray();
  }

  private static KeyStore keyStore(Path file, char[] secret)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(file.toFile(), secret);
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        return store;
      }
    }
    throw new UsageException(OPTION + file + ": holds no key");
  }

  private static List<Certificate> chain(KeyStore store) throws GeneralSecurityException {
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        return List.of(store.getCertificateChain(alias));
      }
    }
    return List.of();
  }

  /**
   * Whether others may be shown the certificate. Many authorities sign for servers alone, and who
   * is shown such a one ends the handshake instead of asking for the token.
   */
  private static boolean isForClients(List<Certificate> chain) throws GeneralSecurityException {
    if (chain.isEmpty() || !(chain.getFirst() instanceof X509Certificate own)) {
      return false;
    }
    List<String> uses = own.getExtendedKeyUsage();
    return uses == null || uses.stream().anyMatch(FOR_CLIENTS::contains);
  }

  private static SSLContext context(KeyManager[] keys, List<Certificate> trusted)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trusted(trusted), null);
    return context;
  }

  private static TrustManager[] trusted(List<Certificate> authorities)
      throws IOException, GeneralSecurityException {
    if (authorities.isEmpty()) {
      return new TrustManager[0];
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("authority" + i, authorities.get(i));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
