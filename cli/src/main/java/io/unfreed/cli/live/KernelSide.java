package io.unfreed.cli.live;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfLoadException;
import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.MissingTracepointException;
import io.unfreed.bpf.session.PidNamespace;
import io.unfreed.cli.PrivilegeException;
import io.unfreed.query.FailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Opens what runs in the kernel, or says in a line what this host lacks. */
public final class KernelSide {
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");

  private KernelSide() {}

  /**
   * Opens it.
   *
   * @param unavailable why there is no program for this host
   * @param needs what is to be done and the capabilities it needs, as {@code recording needs
   *     CAP_BPF}
   * @throws PrivilegeException when a privilege or a feature of the kernel is missing
   */
  public static <T> T open(
      Optional<String> unavailable, Supplier<String> needs, Supplier<T> opening) {
    unavailable.ifPresent(why -> {
      throw new PrivilegeException(why);
    });
    if (BpfPermissionException.forbidsAll()) {
      throw new PrivilegeException(needs.get() + ": run as root, or see unfreed doctor");
    }
    if (!Files.isReadable(BTF)) {
      throw new PrivilegeException("this kernel has no BTF (" + BTF + "): see unfreed doctor");
    }
    if (PidNamespace.isForeign()) {
      throw new PrivilegeException(
          "this is a pid namespace of its own, and the kernel knows processes by the host's numbers:"
              + " run it in that of the host (--pid host)");
    }
    try {
      return opening.get();
    } catch (MissingTracepointException | BpfPermissionException | BpfLoadException e) {
      throw new PrivilegeException(e.getMessage());
    } catch (BpfException e) {
      throw new FailedException(e.getMessage(), e);
    }
  }
}
