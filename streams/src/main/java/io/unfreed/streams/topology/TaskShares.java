package io.unfreed.streams.topology;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.record.StatementChecks;
import io.unfreed.streams.record.StatementRecords;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares as one instance sends them to another:
 *
 * <pre>
 *   shares     version, count, share ..
 *   share      partition, next offset, lanes, ended lanes, marks, merged entries
 *   lane       parts, each an encoded LaneTick
 *   marks      count, or -1 when some may be missing; incarnation key, label, time
 *   entry      key, value
 * </pre>
 *
 * Numbers are big-endian ints, offsets, hashes and times longs; bytes and UTF-8 texts have their
 * length in front.
 */
public final class TaskShares {
  private static final int VERSION = 1;
  private static final int UNKNOWN = -1;

  private TaskShares() {}

  /** Writes shares. */
  public static void write(List<TaskShare> shares, OutputStream to) throws IOException {
    DataOutputStream out = new DataOutputStream(to);
    RecordCodec<LaneTick> codec = RecordCodec.laneTicks();
    out.writeInt(VERSION);
    out.writeInt(shares.size());
    for (TaskShare share : shares) {
      write(share, codec, out);
    }
    out.flush();
  }

  private static void write(TaskShare share, RecordCodec<LaneTick> codec, DataOutputStream out)
      throws IOException {
    out.writeInt(share.partition());
    out.writeLong(share.nextOffset());
    out.writeInt(share.lanes().size());
    for (LaneStatement lane : share.lanes()) {
      List<LaneTick> parts = StatementRecords.toRecords(lane);
      out.writeInt(parts.size());
      for (LaneTick part : parts) {
        write(codec.encode(part), out);
      }
    }
    out.writeInt(share.endedLanes().size());
    for (long lane : share.endedLanes()) {
      out.writeLong(lane);
    }
    out.writeInt(share.marks() == null ? UNKNOWN : share.marks().size());
    for (Mark mark : share.marks() == null ? List.<Mark>of() : share.marks()) {
      write(mark.incarnationKey().getBytes(StandardCharsets.UTF_8), out);
      write(mark.label().getBytes(StandardCharsets.UTF_8), out);
      out.writeLong(mark.atNanos());
    }
    out.writeInt(share.merged().size());
    for (Map.Entry<String, byte[]> entry : share.merged().entrySet()) {
      write(entry.getKey().getBytes(StandardCharsets.UTF_8), out);
      write(entry.getValue(), out);
    }
  }

  private static void write(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException when it is anything else, or of another version
   */
  public static List<TaskShare> read(InputStream from) throws IOException {
    DataInputStream in = new DataInputStream(from);
    int version = in.readInt();
    if (version != VERSION) {
      throw new IOException("shares of version " + version);
    }
    RecordCodec<LaneTick> codec = RecordCodec.laneTicks();
    List<TaskShare> shares = new ArrayList<>();
    try {
      for (int count = in.readInt(); count > 0; count--) {
        shares.add(share(in, codec));
      }
    } catch (MalformedBatchException | IllegalArgumentException e) {
      throw new IOException("shares that cannot be read: " + e.getMessage(), e);
    }
    return shares;
  }

  private static TaskShare share(DataInputStream in, RecordCodec<LaneTick> codec)
      throws IOException, MalformedBatchException {
    int partition = in.readInt();
    long nextOffset = in.readLong();
    List<LaneStatement> lanes = new ArrayList<>();
    for (int count = in.readInt(); count > 0; count--) {
      List<LaneTick> parts = new ArrayList<>();
      for (int part = in.readInt(); part > 0; part--) {
        LaneTick tick = codec.decode(bytes(in));
        StatementChecks.check(tick);
        parts.add(tick);
      }
      if (parts.isEmpty()) {
        throw new IOException("a lane without a statement");
      }
      lanes.add(StatementRecords.fromRecords(parts));
    }
    List<Long> ended = new ArrayList<>();
    for (int count = in.readInt(); count > 0; count--) {
      ended.add(in.readLong());
    }
    List<Mark> marks = marks(in);
    Map<String, byte[]> merged = new LinkedHashMap<>();
    for (int count = in.readInt(); count > 0; count--) {
      merged.put(text(in), bytes(in));
    }
    return new TaskShare(partition, nextOffset, lanes, ended, marks, merged);
  }

  private static List<Mark> marks(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count == UNKNOWN) {
      return null;
    }
    List<Mark> marks = new ArrayList<>();
    for (; count > 0; count--) {
      marks.add(new Mark(text(in), text(in), in.readLong()));
    }
    return marks;
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = length < 0 ? new byte[0] : in.readNBytes(length);
    if (bytes.length != length) {
      throw new IOException("shares that end early");
    }
    return bytes;
  }
}
