package io.unfreed.bpf.session;

import io.unfreed.bpf.BpfLoadException;
import io.unfreed.bpf.ffi.NativeLibraries;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The compiled BPF programs. */
public enum BpfResource {
  CAPTURE("unfreed"),
  TRACE("trace");

  private final String path;

  BpfResource(String name) {
    this.path = "/io/unfreed/bpf/" + name + ".bpf.o";
  }

  /** Why it cannot be loaded on this machine, in one line; empty when that can be tried. */
  public Optional<String> unavailable() {
    if (NativeLibraries.libbpf().isEmpty()) {
      return Optional.of(
          "libbpf.so.1 is missing: install libbpf 1.x (Debian: apt install libbpf1)");
    }
    if (BpfResource.class.getResource(path) == null) {
      return Optional.of(
          "this build has no BPF program: it needs x86-64 Linux, clang and libbpf's headers"
              + " (apt-get install clang libbpf-dev); then ./unfreed builds it");
    }
    return Optional.empty();
  }

  /** The object file. */
  public byte[] bytes() {
    try (InputStream in = BpfResource.class.getResourceAsStream(path)) {
      return in.readAllBytes();
    } catch (IOException unreadable) {
      throw new BpfLoadException("the BPF program cannot be read", unreadable.toString());
    }
  }
}
