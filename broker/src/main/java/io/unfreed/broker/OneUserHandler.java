package io.unfreed.broker;

import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.apache.kafka.common.security.scram.internals.ScramCredentialUtils;

/**
 * Knows the one user of a listener from its configuration: Kafka itself would look in the metadata,
 * which a directory of an earlier version does not have. Made by Kafka, hence public.
 */
public final class OneUserHandler implements AuthenticateCallbackHandler {
  static final String PROOF = "proof";

  private ScramCredential credential;

  /** Told nothing yet: everybody is refused. */
  public OneUserHandler() {}

  @Override
  public void configure(
      Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
    Object proof = entries.getFirst().getOptions().get(PROOF);
    credential = ScramCredentialUtils.credentialFromString(proof.toString());
  }

  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    boolean known = false;
    for (Callback callback : callbacks) {
      if (callback instanceof NameCallback name) {
        known = BrokerSecret.USER.equals(name.getDefaultName());
      } else if (callback instanceof ScramCredentialCallback asked) {
        asked.scramCredential(known ? credential : null);
      } else {
        throw new UnsupportedCallbackException(callback);
      }
    }
  }

  @Override
  public void close() {}
}
