package io.unfreed.bpf.symbols;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The executable file mappings of a process at one moment (proc(5), /proc/PID/maps). */
public final class ProcessMaps {
  /** Behind the path of a file that is gone from its directory. */
  private static final String DELETED = " (deleted)";

  private final List<MappedObject> objects;

  private ProcessMaps(List<MappedObject> objects) {
    this.objects = objects;
  }

  /**
   * Reads a live process.
   *
   * @throws IOException when it is gone or not ours to read
   */
  public static ProcessMaps read(int tgid) throws IOException {
    byte[] text = Files.readAllBytes(Path.of("/proc/" + tgid + "/maps"));
    return parse(tgid, new String(text, StandardCharsets.UTF_8));
  }

  static ProcessMaps parse(int tgid, String text) {
    List<MappedObject> objects = new ArrayList<>();
    for (String line : text.split("\n")) {
      String[] fields = line.split(" +", 6);
      if (fields.length == 6 && fields[1].contains("x") && fields[5].startsWith("/")) {
        objects.add(object(tgid, fields));
      }
    }
    return new ProcessMaps(List.copyOf(objects));
  }

  private static MappedObject object(int tgid, String[] fields) {
    int dash = fields[0].indexOf('-');
    boolean deleted = fields[5].endsWith(DELETED);
    String path = withoutDeleted(fields[5]);
    return new MappedObject(
        tgid,
        Long.parseUnsignedLong(fields[0].substring(0, dash), 16),
        Long.parseUnsignedLong(fields[0].substring(dash + 1), 16),
        Long.parseUnsignedLong(fields[2], 16),
        fields[3],
        Long.parseLong(fields[4]),
        path,
        deleted);
  }

  /** A path without what /proc adds to that of a file which is gone from its directory. */
  static String withoutDeleted(String path) {
    return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
  }

  /** By address. */
  public List<MappedObject> objects() {
    return objects;
  }

  public Optional<MappedObject> covering(long address) {
    for (MappedObject object : objects) {
      if (Long.compareUnsigned(address, object.start()) >= 0
          && Long.compareUnsigned(address, object.end()) < 0) {
        return Optional.of(object);
      }
    }
    return Optional.empty();
  }
}
