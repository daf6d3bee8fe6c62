package io.unfreed.bpf.symbols;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Variables of the running kernel (/proc/kallsyms, with CONFIG_KALLSYMS_ALL). */
public final class KernelData {
  /** No variable that holds locks is larger; what is further away has no name here. */
  private static final long LARGEST_BYTES = 1L << 20;

  private final TreeMap<Long, String> names = new TreeMap<>(Long::compareUnsigned);

  private KernelData() {}

  /**
   * Reads the kernel's table.
   *
   * @throws IOException when it cannot be read; without privilege every address reads as 0
   */
  public static KernelData read() throws IOException {
    KernelData data = new KernelData();
    try (BufferedReader in = Files.newBufferedReader(Path.of("/proc/kallsyms"))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] fields = line.split("[ \t]+");
        long address = Long.parseUnsignedLong(fields[0], 16);
        if (address != 0) {
          // Functions too: an address behind the last variable is in none.
          data.names.put(address, "dDbBrRvV".contains(fields[1]) ? fields[2] : "");
        }
      }
    }
    return data;
  }

  /** As in {@code name+0x10}; empty for what is allocated. */
  public Optional<String> name(long address) {
    Map.Entry<Long, String> below = names.floorEntry(address);
    if (below == null || below.getValue().isEmpty()) {
      return Optional.empty();
    }
    long offset = address - below.getKey();
    return offset >= LARGEST_BYTES
        ? Optional.empty()
        : Optional.of(
            offset == 0 ? below.getValue() : below.getValue() + "+0x" + Long.toHexString(offset));
  }
}
