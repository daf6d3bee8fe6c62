package io.unfreed.bpf.elf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * One ELF object, mapped read-only. Numbers are those of the ELF-64 specification. A damaged file
 * is an {@link IOException} naming the file, never an index error.
 */
public final class ElfFile implements AutoCloseable {
  private static final ValueLayout.OfShort U16 = le(ValueLayout.JAVA_SHORT_UNALIGNED);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int ELF_MAGIC = 0x464c457f;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final int PT_NOTE = 4;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_DYNSYM = 11;
  private static final int STT_FUNC = 2;
  private static final int STT_GNU_IFUNC = 10;
  private static final int NT_GNU_BUILD_ID = 3;
  private static final int DT_NEEDED = 1;
  private static final int DT_STRTAB = 5;
  private static final int DT_RPATH = 15;
  private static final int DT_RUNPATH = 29;

  private final Path path;
  private final Arena arena;
  private final MemorySegment file;
  private final List<Segment> segments;
  private final Optional<String> buildId;

  /** A program header. */
  private record Segment(
      int type, int flags, long offset, long vaddr, long fileBytes, long memoryBytes) {}

  private ElfFile(Path path, Arena arena, MemorySegment file) throws IOException {
    this.path = path;
    this.arena = arena;
    this.file = file;
    this.segments = readSegments();
    this.buildId = readBuildId();
  }

  public static ElfFile open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment map =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena).asReadOnly();
      if (map.byteSize() < 64 || map.get(U32, 0) != ELF_MAGIC) {
        throw new IOException(path + " is not an ELF file");
      }
      if (map.get(JAVA_BYTE, 4) != 2 || map.get(JAVA_BYTE, 5) != 1) {
        throw new IOException(path + " is not a 64-bit little-endian ELF file");
      }
      return new ElfFile(path, arena, map);
    } catch (IndexOutOfBoundsException | InternalError damaged) {
      arena.close(); // the error: it became shorter than its mapping meanwhile
      throw new IOException(path + " is a damaged ELF file", damaged);
    } catch (IOException | RuntimeException failed) {
      arena.close();
      throw failed;
    }
  }

  public Path path() {
    return path;
  }

  /** The GNU build id in lower-case hex, if the linker recorded one. */
  public Optional<String> buildId() {
    return buildId;
  }

  private Optional<String> readBuildId() {
    for (Segment segment : segments) {
      if (segment.type == PT_NOTE) {
        Optional<String> id = buildIdIn(segment);
        if (id.isPresent()) {
          return id;
        }
      }
    }
    return Optional.empty();
  }

  /** The file offset of a virtual address in a loaded executable segment, or -1. */
  public long fileOffset(long vaddr) {
    for (Segment s : segments) {
      if (s.type == PT_LOAD && vaddr >= s.vaddr && vaddr - s.vaddr < s.fileBytes) {
        return vaddr - s.vaddr + s.offset;
      }
    }
    return -1;
  }

  /** The virtual address that a file offset is loaded at, or -1. */
  public long vaddrOfFileOffset(long offset) {
    for (Segment s : segments) {
      if (s.type == PT_LOAD && offset >= s.offset && offset - s.offset < s.fileBytes) {
        return offset - s.offset + s.vaddr;
      }
    }
    return -1;
  }

  /** PT_INTERP: the path of the dynamic linker, absent for static objects and libraries. */
  public Optional<String> interpreter() {
    return segments.stream()
        .filter(s -> s.type == PT_INTERP)
        .findFirst()
        .map(s -> string(s.offset));
  }

  /** DT_NEEDED: the libraries asked for, in order. */
  public List<String> neededLibraries() {
    return dynamicStrings(DT_NEEDED);
  }

  /** DT_RUNPATH, or else DT_RPATH, split at colons; {@code $ORIGIN} is not expanded. */
  public List<String> libraryPath() {
    List<String> path = dynamicStrings(DT_RUNPATH);
    if (path.isEmpty()) {
      path = dynamicStrings(DT_RPATH);
    }
    return path.stream().flatMap(p -> List.of(p.split(":")).stream()).toList();
  }

  /** Defined function symbols of .symtab and .dynsym; a name in both tables comes twice. */
  public List<ElfSymbol> functions() throws IOException {
    try {
      List<ElfSymbol> found = new ArrayList<>();
      long table = file.get(U64, 0x28);
      int entryBytes = file.get(U16, 0x3a);
      int entries = Short.toUnsignedInt(file.get(U16, 0x3c));
      for (int i = 0; table != 0 && i < entries; i++) {
        long header = table + (long) i * entryBytes;
        int type = file.get(U32, header + 4);
        if (type == SHT_SYMTAB || type == SHT_DYNSYM) {
          long strings = table + (long) file.get(U32, header + 0x28) * entryBytes;
          readFunctions(header, file.get(U64, strings + 0x18), found);
        }
      }
      return found;
    } catch (IndexOutOfBoundsException | InternalError damaged) {
      throw new IOException(path + " has a damaged symbol table", damaged);
    }
  }

  /** Segments and the build id stay known. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private List<Segment> readSegments() {
    long table = file.get(U64, 0x20);
    int entryBytes = file.get(U16, 0x36);
    int entries = Short.toUnsignedInt(file.get(U16, 0x38));
    List<Segment> read = new ArrayList<>(entries);
    for (int i = 0; i < entries; i++) {
      long at = table + (long) i * entryBytes;
      read.add(
          new Segment(
              file.get(U32, at),
              file.get(U32, at + 4),
              file.get(U64, at + 8),
              file.get(U64, at + 0x10),
              file.get(U64, at + 0x20),
              file.get(U64, at + 0x28)));
    }
    return List.copyOf(read);
  }

  private void readFunctions(long header, long strings, List<ElfSymbol> found) {
    long offset = file.get(U64, header + 0x18);
    long end = offset + file.get(U64, header + 0x20);
    for (long at = offset; at + 24 <= end; at += 24) {
      int type = file.get(JAVA_BYTE, at + 4) & 0xf;
      boolean defined = file.get(U16, at + 6) != 0;
      if (defined && (type == STT_FUNC || type == STT_GNU_IFUNC)) {
        String name = string(strings + Integer.toUnsignedLong(file.get(U32, at)));
        int version = name.indexOf('@');
        found.add(
            new ElfSymbol(
                version < 0 ? name : name.substring(0, version),
                file.get(U64, at + 8),
                file.get(U64, at + 16)));
      }
    }
  }

  private Optional<String> buildIdIn(Segment notes) {
    long end = Math.min(notes.offset + notes.fileBytes, file.byteSize());
    for (long at = notes.offset; at + 12 <= end; ) {
      int nameBytes = file.get(U32, at);
      int descBytes = file.get(U32, at + 4);
      long desc = at + 12 + ((nameBytes + 3L) & ~3L);
      if (nameBytes < 0 || descBytes < 0 || desc + descBytes > end) {
        return Optional.empty();
      }
      if (file.get(U32, at + 8) == NT_GNU_BUILD_ID
          && nameBytes == 4
          && "GNU".equals(string(at + 12))) {
        byte[] id = file.asSlice(desc, descBytes).toArray(JAVA_BYTE);
        return Optional.of(HexFormat.of().formatHex(id));
      }
      at = desc + ((descBytes + 3L) & ~3L);
    }
    return Optional.empty();
  }

  private List<String> dynamicStrings(int wantedTag) {
    long strings = -1;
    List<Long> offsets = new ArrayList<>();
    for (Segment dynamic : segments) {
      if (dynamic.type != PT_DYNAMIC) {
        continue;
      }
      long end = Math.min(dynamic.offset + dynamic.fileBytes, file.byteSize());
      for (long at = dynamic.offset; at + 16 <= end && file.get(U64, at) != 0; at += 16) {
        long tag = file.get(U64, at);
        if (tag == DT_STRTAB) {
          strings = fileOffset(file.get(U64, at + 8));
        } else if (tag == wantedTag) {
          offsets.add(file.get(U64, at + 8));
        }
      }
    }
    long base = strings;
    return base < 0 ? List.of() : offsets.stream().map(o -> string(base + o)).toList();
  }

  private String string(long offset) {
    return file.getString(offset, StandardCharsets.UTF_8);
  }

  private static ValueLayout.OfShort le(ValueLayout.OfShort layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }
}
