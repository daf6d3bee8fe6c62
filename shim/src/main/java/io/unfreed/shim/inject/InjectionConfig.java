package io.unfreed.shim.inject;

import java.time.Duration;

/**
 * How an injection goes about it.
 *
 * @param search how long to look for a thread at a safe place
 * @param call how long each call in the target may take
 * @param seccompAllowed whether to try it where a seccomp filter may kill the target for it
 */
public record InjectionConfig(Duration search, Duration call, boolean seccompAllowed) {
  public static final InjectionConfig DEFAULT =
      new InjectionConfig(Duration.ofSeconds(10), Duration.ofSeconds(20), false);
}
