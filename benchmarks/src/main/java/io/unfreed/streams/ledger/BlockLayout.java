package io.unfreed.streams.ledger;

/** What the benchmark needs of a table of blocks. */
interface BlockLayout {
  /** Adds a block at an address that has none. */
  void add(long address, long timeNanos, long sizeBytes, int site);

  /** Removes a block; its size, or -1 when there is none. */
  long take(long address);

  /** The layouts by name. */
  static BlockLayout named(String name) {
    return switch (name) {
      case "groups" -> new Groups();
      case "segmented" -> new Segmented();
      case "plain" -> new PlainTable();
      case "dense" -> new DenseTable();
      case "agrona" -> new AgronaTable();
      default -> throw new IllegalArgumentException("no layout " + name);
    };
  }

  /** Groups of seven slots with tags, in segments. */
  final class Groups implements BlockLayout {
    private final GroupTable table = new GroupTable();

    @Override
    public void add(long address, long timeNanos, long sizeBytes, int site) {
      table.claim(address);
      table.set(timeNanos, sizeBytes, site);
    }

    @Override
    public long take(long address) {
      if (!table.find(address)) {
        return -1;
      }
      long size = table.sizeBytes();
      table.remove();
      return size;
    }
  }

  /** The table in use: linear probing in segments, removal shifts back. */
  final class Segmented implements BlockLayout {
    private final BlockTable table = new BlockTable();

    @Override
    public void add(long address, long timeNanos, long sizeBytes, int site) {
      table.claim(address);
      table.set(timeNanos, sizeBytes, site);
    }

    @Override
    public long take(long address) {
      if (!table.find(address)) {
        return -1;
      }
      long size = table.sizeBytes();
      table.remove();
      return size;
    }
  }
}
