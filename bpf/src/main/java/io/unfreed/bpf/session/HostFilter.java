package io.unfreed.bpf.session;

import io.unfreed.bpf.symbols.Cgroup;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Which processes of a host are recorded, from their exec on; both must hold.
 *
 * @param name the kernel's short name of a process, at most 15 bytes
 * @param cgroup with all groups below it
 */
public record HostFilter(Optional<String> name, Optional<Cgroup> cgroup) {
  private static final int NAME_BYTES = 16;

  public HostFilter {
    if (name.isPresent() && bytes(name.get()).length >= NAME_BYTES) {
      throw new IllegalArgumentException(
          "the kernel's names of processes have at most 15 bytes: " + name.get());
    }
  }

  byte[] nameBytes() {
    return bytes(name.orElse(""));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
