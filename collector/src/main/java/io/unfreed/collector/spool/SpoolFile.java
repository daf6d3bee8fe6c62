package io.unfreed.collector.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A queue of byte strings in a file used in a circle: never longer than its capacity however long
 * it is in use. What is in it survives the process, though not the machine: nothing is forced to
 * disk. The kernel's lock on the file says whether its recorder lives. One thread at a time.
 *
 * <pre>
 *     0  magic u64 | 8 head u64 | 16 tail u64 | 24 capacity u64
 *    32  length u16 and bytes of the id of the cluster that the strings are for
 *  2048  partitions by which lanes are placed there u32; 0 in older files, which do not say it
 *  4096  entries: length u32, CRC-32C of the bytes u32, bytes; at position modulo capacity
 * </pre>
 */
final class SpoolFile implements AutoCloseable {
  static final String PREFIX = "unfreed-";
  static final String SUFFIX = ".spool";

  private static final long MAGIC = 0x554e46524c310001L;
  private static final int HEAD = 8;
  private static final int TAIL = 16;
  private static final int PARTITIONS = 2048;
  private static final int DATA = 4096;
  private static final int ENTRY_HEAD_BYTES = 8;
  private static final int MOST_ID_BYTES = 1024;

  private final Path path;
  private final FileChannel channel;
  private final long capacityBytes;
  private final String clusterId;
  private final int partitions;
  private long head;
  private long tail;

  private SpoolFile(
      Path path, FileChannel channel, long capacityBytes, String clusterId, int partitions) {
    this.path = path;
    this.channel = channel;
    this.capacityBytes = capacityBytes;
    this.clusterId = clusterId;
    this.partitions = partitions;
  }

  /** An empty queue, readable by its owner only, and locked. */
  static SpoolFile create(Path directory, long capacityBytes, String clusterId, int partitions)
      throws IOException {
    String ours = PREFIX + ProcessHandle.current().pid() + "-";
    Path file = Files.createTempFile(directory, ours, SUFFIX); // mode 0600
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      channel.lock();
      byte[] id = clusterId.getBytes(StandardCharsets.UTF_8);
      ByteBuffer header = ByteBuffer.allocate(DATA);
      header.putLong(MAGIC).putLong(0).putLong(0).putLong(capacityBytes);
      header.putShort((short) Math.min(id.length, MOST_ID_BYTES));
      header.put(id, 0, Math.min(id.length, MOST_ID_BYTES));
      header.putInt(PARTITIONS, partitions).rewind();
      writeAt(channel, header, 0);
      return new SpoolFile(file, channel, capacityBytes, clusterId, partitions);
    } catch (IOException failed) {
      channel.close();
      Files.deleteIfExists(file);
      throw failed;
    }
  }

  /**
   * The queue of a recorder that has died; null when it lives.
   *
   * @throws IOException when it is no such file
   */
  static SpoolFile ofDead(Path file) throws IOException {
    if (file.getFileName().toString().startsWith(PREFIX + ProcessHandle.current().pid() + "-")) {
      return null; // ours: to open and close it would drop its lock
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean kept = false;
    try {
      if (channel.tryLock() == null) {
        return null;
      }
      ByteBuffer header = readAt(channel, 0, DATA);
      if (header.getLong() != MAGIC) {
        throw new IOException("not a spool file");
      }
      long head = header.getLong();
      long tail = header.getLong();
      long capacity = header.getLong();
      byte[] id = new byte[Math.clamp(header.getShort(), 0, MOST_ID_BYTES)];
      header.get(id);
      if (capacity <= 0 || head < 0 || tail - head > capacity) {
        throw new IOException("its header is damaged");
      }
      int partitions = Math.max(0, header.getInt(PARTITIONS));
      SpoolFile dead =
          new SpoolFile(
              file, channel, capacity, new String(id, StandardCharsets.UTF_8), partitions);
      dead.head = head;
      dead.tail = Math.max(head, tail); // killed between the two steps of starting again at 0
      kept = true;
      return dead;
    } catch (OverlappingFileLockException live) {
      return null;
    } finally {
      if (!kept) {
        channel.close();
      }
    }
  }

  Path path() {
    return path;
  }

  String clusterId() {
    return clusterId;
  }

  /** By how many partitions lanes are placed there; 0 when not known. */
  int partitions() {
    return partitions;
  }

  /** Adds a string unless less than {@code spareBytes} would stay free. */
  boolean append(byte[] bytes, long spareBytes) throws IOException {
    if (usedBytes() + ENTRY_HEAD_BYTES + bytes.length + spareBytes > capacityBytes) {
      return false;
    }
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_HEAD_BYTES + bytes.length);
    entry.putInt(bytes.length).putInt(crc(bytes)).put(bytes).flip();
    int length = entry.remaining();
    write(entry, tail); // the tail moves only when all of it is there
    moveTail(tail + length);
    return true;
  }

  /** The string at a position from {@link #head} up to before {@link #tail}. */
  byte[] read(long position) throws IOException {
    ByteBuffer entryHead = ByteBuffer.wrap(readBytes(position, ENTRY_HEAD_BYTES));
    int length = entryHead.getInt();
    if (length < 0 || length > tail - position - ENTRY_HEAD_BYTES) {
      throw new IOException(path + ": damaged at byte " + position);
    }
    byte[] bytes = readBytes(position + ENTRY_HEAD_BYTES, length);
    if (crc(bytes) != entryHead.getInt()) {
      throw new IOException(path + ": damaged at byte " + position);
    }
    return bytes;
  }

  /** Where the string after this one begins. */
  static long after(long position, byte[] bytes) {
    return position + ENTRY_HEAD_BYTES + bytes.length;
  }

  /** Gives up everything before a position; an empty queue starts again at the file's beginning. */
  void release(long position) throws IOException {
    if (position == tail) {
      moveTail(0);
      head = 0;
    } else {
      head = position;
    }
    writeAt(channel, ByteBuffer.allocate(8).putLong(head).flip(), HEAD);
  }

  long head() {
    return head;
  }

  long tail() {
    return tail;
  }

  long usedBytes() {
    return tail - head;
  }

  private void moveTail(long position) throws IOException {
    writeAt(channel, ByteBuffer.allocate(8).putLong(position).flip(), TAIL);
    tail = position;
  }

  private void write(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    int end = bytes.limit();
    while (bytes.hasRemaining()) {
      long place = at % capacityBytes;
      bytes.limit((int) Math.min(end, bytes.position() + capacityBytes - place));
      at += channel.write(bytes, DATA + place);
      bytes.limit(end);
    }
  }

  private byte[] readBytes(long position, int length) throws IOException {
    long place = position % capacityBytes;
    int first = (int) Math.min(length, capacityBytes - place);
    byte[] bytes = new byte[length];
    readAt(channel, DATA + place, first).get(bytes, 0, first);
    readAt(channel, DATA, length - first).get(bytes, first, length - first);
    return bytes;
  }

  private static ByteBuffer readAt(FileChannel channel, long place, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, place + bytes.position()) < 0) {
        throw new IOException("the spool file is shorter than it was");
      }
    }
    return bytes.flip();
  }

  private static void writeAt(FileChannel channel, ByteBuffer bytes, long place)
      throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes, place + bytes.position());
    }
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** Removes the file: nobody will want it. */
  void delete() throws IOException {
    Files.deleteIfExists(path);
  }

  /** The file stays, and its lock goes. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
