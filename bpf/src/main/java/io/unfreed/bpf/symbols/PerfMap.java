package io.unfreed.bpf.symbols;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The functions a JIT compiler wrote to {@code /tmp/perf-PID.map} (linux
 * tools/perf/Documentation/jit-interface.txt): lines of start, size (both hex) and name. The file
 * is named by the pid the process knows itself by, and lies in its own /tmp.
 */
public final class PerfMap {
  private record Function(long sizeBytes, String name) {}

  private final TreeMap<Long, Function> functions = new TreeMap<>(Long::compareUnsigned);

  private PerfMap() {}

  /** The map that a process has written; empty for none. */
  public static Optional<PerfMap> read(int tgid) {
    Path root = Path.of("/proc/" + tgid + "/root/tmp");
    try {
      Path file = root.resolve("perf-" + innermostPid(tgid) + ".map");
      byte[] text = Files.isReadable(file) ? Files.readAllBytes(file) : null;
      return Optional.ofNullable(text).map(t -> parse(new String(t, StandardCharsets.UTF_8)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  static PerfMap parse(String text) {
    PerfMap map = new PerfMap();
    for (String line : text.split("\n")) {
      String[] fields = line.split(" ", 3);
      try {
        if (fields.length == 3) {
          map.functions.put(
              Long.parseUnsignedLong(fields[0].replaceFirst("^0x", ""), 16),
              new Function(
                  Long.parseUnsignedLong(fields[1].replaceFirst("^0x", ""), 16), fields[2]));
        }
      } catch (NumberFormatException notAFunction) {
        // The writer may be in the middle of a line.
      }
    }
    return map;
  }

  /** The function that an address lies in. */
  public Optional<SourceFrame> lookup(long ip) {
    Map.Entry<Long, Function> entry = functions.floorEntry(ip);
    if (entry == null || ip - entry.getKey() >= entry.getValue().sizeBytes()) {
      return Optional.empty();
    }
    long offset = ip - entry.getKey();
    return Optional.of(new SourceFrame(entry.getValue().name(), offset, null, null, false));
  }

  private static String innermostPid(int tgid) throws IOException {
    for (String line : ProcText.lines(Path.of("/proc/" + tgid + "/status"))) {
      if (line.startsWith("NSpid:")) {
        String[] pids = line.strip().split("\\s+");
        return pids[pids.length - 1];
      }
    }
    return Integer.toString(tgid);
  }
}
