package io.unfreed.streams.snapshot;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Snapshots as files {@code PARTITION-OFFSET.snapshot}. A file is complete or has another name: it
 * is written as {@code .new}, forced to the disk and renamed. Two of a partition are kept: the
 * older one is what is left when the process was killed before the offset of the newer one was
 * committed. Used by several threads, each with partitions of its own.
 *
 * <pre>
 *   header of {@link SnapshotHeader} | its CRC-32C (4) | each piece: length (4), bytes
 * </pre>
 */
public final class SnapshotDirectory {
  private static final int KEPT = 2;
  private static final String SUFFIX = ".snapshot";
  private static final int LARGEST_PIECE = 1 << 24;

  private final Path directory;

  /** A directory that is made when the first snapshot is written. */
  public SnapshotDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Writes a snapshot, and then removes those of the partition that are not needed any more.
   *
   * @return the file
   * @throws IOException nothing but perhaps a file {@code .new} is left of it then
   */
  public Path write(Snapshot snapshot) throws IOException {
    Files.createDirectories(directory);
    SnapshotHeader header = snapshot.header();
    Path file = directory.resolve(header.partition() + "-" + header.nextOffset() + SUFFIX);
    Path partial = directory.resolve(header.partition() + ".new");
    try {
      write(partial, snapshot);
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(partial);
      throw e;
    }
    force(directory);
    List<Path> files = files(header.partition());
    for (Path old : files.subList(Math.min(KEPT, files.size()), files.size())) {
      Files.deleteIfExists(old);
    }
    return file;
  }

  /** Removes files of other partitions than these that were written before a moment. */
  public void removeOthers(Set<Integer> partitions, Instant before) throws IOException {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(directory, "[0-9]*{.snapshot,.new}")) {
      for (Path file : found) {
        int partition = partition(file);
        if (partition >= 0 && !partitions.contains(partition) && isOlder(file, before)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isOlder(Path file, Instant moment) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(moment);
    } catch (NoSuchFileException e) {
      return false; // another thread replaced it
    }
  }

  /** The files of a partition, highest offset first. */
  public List<Path> files(int partition) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(directory, partition + "-*" + SUFFIX)) {
      found.forEach(files::add);
    } catch (NoSuchFileException e) {
      return files;
    }
    files.sort(Comparator.comparingLong(SnapshotDirectory::offset).reversed());
    return files;
  }

  /**
   * Reads the header only.
   *
   * @throws UnreadableSnapshotException when it is damaged, or another version's
   */
  public SnapshotHeader readHeader(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      return header(in);
    }
  }

  /**
   * Reads and checks a file.
   *
   * @throws UnreadableSnapshotException when it is damaged, or another version's
   */
  public Snapshot read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
    SnapshotHeader header;
    try (DataInputStream head = new DataInputStream(Files.newInputStream(file))) {
      header = header(head);
    }
    in.position(SnapshotHeader.BYTES + Integer.BYTES);
    List<byte[]> pieces = new ArrayList<>();
    for (int i = 0; i < header.pieces(); i++) {
      int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
      if (length < 0 || length > LARGEST_PIECE || length > in.remaining()) {
        throw new UnreadableSnapshotException("it is cut off");
      }
      byte[] piece = new byte[length];
      in.get(piece);
      pieces.add(piece);
    }
    Snapshot snapshot = new Snapshot(header, pieces);
    if (!snapshot.isWhole()) {
      throw new UnreadableSnapshotException("its checksum is wrong");
    }
    return snapshot;
  }

  private static SnapshotHeader header(DataInputStream in) throws IOException {
    byte[] bytes = in.readNBytes(SnapshotHeader.BYTES + Integer.BYTES);
    if (bytes.length < SnapshotHeader.BYTES + Integer.BYTES) {
      throw new UnreadableSnapshotException("it is cut off");
    }
    SnapshotHeader header = SnapshotHeader.of(bytes);
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, SnapshotHeader.BYTES);
    if ((int) sum.getValue() != ByteBuffer.wrap(bytes).getInt(SnapshotHeader.BYTES)) {
      throw new UnreadableSnapshotException("its header is damaged");
    }
    return header;
  }

  private static void write(Path partial, Snapshot snapshot) throws IOException {
    byte[] header = snapshot.header().toBytes();
    CRC32C sum = new CRC32C();
    sum.update(header);
    try (FileChannel out =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      writeAll(out, ByteBuffer.wrap(header));
      writeAll(out, ByteBuffer.allocate(Integer.BYTES).putInt((int) sum.getValue()).flip());
      for (byte[] piece : snapshot.pieces()) {
        writeAll(out, ByteBuffer.allocate(Integer.BYTES).putInt(piece.length).flip());
        writeAll(out, ByteBuffer.wrap(piece));
      }
      out.force(true);
    }
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Makes the new name survive a crash of the machine. */
  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static int partition(Path file) {
    String name = file.getFileName().toString();
    try {
      return Integer.parseInt(name.substring(0, name.indexOf(name.contains("-") ? '-' : '.')));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static long offset(Path file) {
    String name = file.getFileName().toString();
    try {
      return Long.parseLong(name.substring(name.indexOf('-') + 1, name.length() - SUFFIX.length()));
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
