package io.unfreed.render.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Names of block devices, as /sys/dev/block links them. */
final class Devices {
  private final Map<Long, String> names = new HashMap<>();

  /** A device by major number shifted by 20 and minor number. */
  String name(long device) {
    return names.computeIfAbsent(device, Devices::look);
  }

  private static String look(long device) {
    String numbers = (device >>> 20) + ":" + (device & 0xfffff);
    try {
      return Files.readSymbolicLink(Path.of("/sys/dev/block/" + numbers)).getFileName().toString();
    } catch (IOException gone) {
      return numbers;
    }
  }
}
