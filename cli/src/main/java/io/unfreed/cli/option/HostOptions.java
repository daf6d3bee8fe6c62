package io.unfreed.cli.option;

import io.unfreed.bpf.session.HostFilter;
import io.unfreed.bpf.symbols.Cgroup;
import io.unfreed.query.UsageException;
import java.io.IOException;
import java.util.Optional;

/** Which processes of a host are meant. */
public final class HostOptions {
  private HostOptions() {}

  /** By name, by control group, or both; null for any. */
  public static HostFilter filter(String name, String cgroup) {
    try {
      return new HostFilter(Optional.ofNullable(name), Optional.ofNullable(group(cgroup)));
    } catch (IllegalArgumentException wrong) {
      throw new UsageException("--name: " + wrong.getMessage());
    }
  }

  /** A control group by name; null for none. */
  public static Cgroup group(String cgroup) {
    try {
      return cgroup == null ? null : Cgroup.of(cgroup);
    } catch (IOException none) {
      throw new UsageException("--cgroup " + none.getMessage());
    }
  }
}
