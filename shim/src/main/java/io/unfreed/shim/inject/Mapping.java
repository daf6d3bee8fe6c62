package io.unfreed.shim.inject;

/** One line of {@code /proc/PID/maps}. The path is empty for anonymous memory. */
record Mapping(long from, long to, String permissions, String path) {
  static Mapping parse(String line) {
    String[] fields = line.split(" +", 6);
    String[] range = fields[0].split("-");
    return new Mapping(
        Long.parseUnsignedLong(range[0], 16),
        Long.parseUnsignedLong(range[1], 16),
        fields[1],
        fields.length < 6 ? "" : fields[5]);
  }

  boolean contains(long address) {
    return Long.compareUnsigned(address, from) >= 0 && Long.compareUnsigned(address, to) < 0;
  }

  boolean executable() {
    return permissions.charAt(2) == 'x';
  }

  boolean readable() {
    return permissions.charAt(0) == 'r';
  }
}
