package io.unfreed.bpf.symbols;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * The running kernel's functions (/proc/kallsyms), with its build id (/sys/kernel/notes). Addresses
 * are told as their distance from {@code _text}, so that they are the same after every boot of one
 * build.
 */
public final class KernelSymbols {
  private static final String KERNEL = "[kernel]";

  private record Symbol(long address, String name, String module) {}

  private final long[] addresses;
  private final List<Symbol> symbols;
  private final long text;
  private final String buildId;

  private KernelSymbols(List<Symbol> sorted, String buildId) {
    this.symbols = sorted;
    this.addresses = sorted.stream().mapToLong(Symbol::address).toArray();
    this.text =
        sorted.stream()
            .filter(s -> s.name.equals("_text") || s.name.equals("_stext"))
            .mapToLong(Symbol::address)
            .min()
            .orElse(0);
    this.buildId = buildId;
  }

  /**
   * Reads the kernel's tables.
   *
   * @throws IOException when they cannot be read; without privilege every address reads as 0
   */
  public static KernelSymbols read() throws IOException {
    try (BufferedReader in = Files.newBufferedReader(Path.of("/proc/kallsyms"))) {
      return new KernelSymbols(parse(in), kernelBuildId());
    }
  }

  private static List<Symbol> parse(BufferedReader in) throws IOException {
    List<Symbol> read = new ArrayList<>();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] fields = line.split("[ \t]+");
      if ("tTwW".contains(fields[1])) {
        String module = fields.length > 3 ? fields[3] : KERNEL;
        read.add(new Symbol(Long.parseUnsignedLong(fields[0], 16), fields[2], module));
      }
    }
    // Kernel addresses are negative as signed numbers and so still in order.
    read.sort(Comparator.comparingLong(Symbol::address));
    return read;
  }

  /** The call that a return address of a kernel stack belongs to. */
  public ResolvedFrame resolve(long returnAddress) {
    long ip = returnAddress - 1;
    int at = Arrays.binarySearch(addresses, ip);
    int last = at >= 0 ? at : -at - 2;
    if (last < 0 || addresses[last] == 0) {
      return new ResolvedFrame(null, null, ip, List.of());
    }
    int first = last;
    while (first > 0 && addresses[first - 1] == addresses[last]) {
      first--;
    }
    Symbol symbol = symbols.get(first);
    SourceFrame name = new SourceFrame(symbol.name, ip - symbol.address, null, null, false);
    boolean core = symbol.module.equals(KERNEL);
    return new ResolvedFrame(symbol.module, core ? buildId : null, ip - text, List.of(name));
  }

  private static String kernelBuildId() throws IOException {
    byte[] notes = Files.readAllBytes(Path.of("/sys/kernel/notes"));
    byte[] marker = {4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0};
    for (int i = 0; i + 36 <= notes.length; i += 4) {
      if (Arrays.equals(notes, i, i + 16, marker, 0, 16)) {
        return HexFormat.of().formatHex(notes, i + 16, i + 36);
      }
    }
    return null;
  }
}
