package io.unfreed.shim.inject;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An object as it is loaded in the target. Its symbols are read from there, not from a file: that
 * may be another one by now, or lie in a mount namespace of its own.
 */
final class RemoteObject {
  private static final int PT_DYNAMIC = 2;
  private static final int DT_STRTAB = 5;
  private static final int DT_SYMTAB = 6;
  private static final long DT_GNU_HASH = 0x6ffffef5L;
  private static final int SYMBOL_BYTES = 24;

  private final RemoteMemory memory;
  private final String name;
  private final long base;
  private final long dynamic;
  private long symbols;
  private long strings;
  private long gnuHash;

  /**
   * @param base what its virtual addresses are moved by: {@code l_addr}
   * @param dynamic address of its dynamic section
   */
  RemoteObject(RemoteMemory memory, String name, long base, long dynamic) throws IOException {
    this.memory = memory;
    this.name = name;
    this.base = base;
    this.dynamic = dynamic;
    for (long at = dynamic; ; at += 16) {
      long tag = memory.u64(at);
      if (tag == 0) {
        break;
      }
      long value = memory.u64(at + 8);
      // The loader makes these absolute, but not in its own section or the vdso's on all versions.
      long address = Long.compareUnsigned(value, base) < 0 ? value + base : value;
      if (tag == DT_STRTAB) {
        strings = address;
      } else if (tag == DT_SYMTAB) {
        symbols = address;
      } else if (tag == DT_GNU_HASH) {
        gnuHash = address;
      }
    }
  }

  /** The object whose ELF header is at an address. */
  static RemoteObject at(RemoteMemory memory, String name, long header) throws IOException {
    ByteBuffer elf = memory.buffer(header, 64);
    long table = header + elf.getLong(0x20);
    int entryBytes = elf.getShort(0x36);
    for (int i = 0; i < elf.getShort(0x38); i++) {
      ByteBuffer entry = memory.buffer(table + (long) i * entryBytes, entryBytes);
      if (entry.getInt(0) == PT_DYNAMIC) {
        return new RemoteObject(memory, name, header, header + entry.getLong(0x10));
      }
    }
    throw new IOException(name + " has no dynamic section");
  }

  String name() {
    return name;
  }

  long base() {
    return base;
  }

  /** Where its dynamic section lies. */
  long dynamic() {
    return dynamic;
  }

  /** Where its table of symbols lies. */
  long symbols() {
    return symbols;
  }

  boolean isFile(String fileName) {
    return name.endsWith("/" + fileName);
  }

  /** The address of a symbol that the object defines. */
  Optional<Long> symbol(String wanted) throws IOException {
    return entry(wanted).map(symbol -> base + symbol.getLong(8));
  }

  /** How many bytes a symbol has that the object defines; 0 when it defines none such. */
  long sizeOf(String wanted) throws IOException {
    return entry(wanted).map(symbol -> symbol.getLong(16)).orElse(0L);
  }

  /** Its Elf64_Sym. */
  private Optional<ByteBuffer> entry(String wanted) throws IOException {
    if (gnuHash == 0 || symbols == 0 || strings == 0) {
      return Optional.empty();
    }
    ByteBuffer header = memory.buffer(gnuHash, 16);
    int bucketCount = header.getInt(0);
    int first = header.getInt(4);
    long buckets = gnuHash + 16 + 8L * header.getInt(8);
    long chain = buckets + 4L * bucketCount;
    int hash = 5381;
    for (byte c : wanted.getBytes(StandardCharsets.UTF_8)) {
      hash = hash * 33 + (c & 0xff);
    }
    int index =
        bucketCount == 0
            ? 0
            : memory.u32(buckets + 4L * Integer.remainderUnsigned(hash, bucketCount));
    for (; index >= first; index++) {
      int value = memory.u32(chain + 4L * (index - first));
      if ((value | 1) == (hash | 1)) {
        ByteBuffer symbol = memory.buffer(symbols + (long) index * SYMBOL_BYTES, SYMBOL_BYTES);
        boolean defined = symbol.getShort(6) != 0;
        if (defined && memory.string(strings + symbol.getInt(0)).equals(wanted)) {
          return Optional.of(symbol);
        }
      }
      if ((value & 1) != 0) {
        break;
      }
    }
    return Optional.empty();
  }
}
