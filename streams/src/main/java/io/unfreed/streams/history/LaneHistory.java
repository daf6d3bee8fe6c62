package io.unfreed.streams.history;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.ledger.Releasers;
import java.util.function.Consumer;

/**
 * Writes down what becomes of the blocks of a lane that are asked for. A move is a few numbers of
 * seven bits a byte; times and addresses are differences:
 *
 * <pre>
 *   kind and entry, microseconds since the move before, address - the one before, tid,
 *   bytes, SHRUNK: bytes left, CLOSED: the releaser's number
 * </pre>
 *
 * Not thread-safe.
 */
public final class LaneHistory implements LaneWatcher {
  private static final int KINDS = BlockMove.Kind.values().length;
  private static final long NANOS = 1000;

  private final HistoryQuestion question;
  private final VarintLog log = new VarintLog();
  private LaneBlocks blocks;
  private long moves;
  private long nowNanos;
  private long lastMicros;
  private long lastAddress;

  /** Of a mapping that is being closed: its last piece. */
  private long lastPiece;

  /** The history of a lane of which nothing has come yet. */
  public LaneHistory(HistoryQuestion question) {
    this.question = question;
  }

  @Override
  public void sees(LaneBlocks lane) {
    blocks = lane;
  }

  @Override
  public boolean event(long eventNanos) {
    nowNanos = eventNanos;
    return question.born().contains(eventNanos);
  }

  @Override
  public void opened(Block block) {
    if (isAsked(block)) {
      write(BlockMove.Kind.OPENED, block, block.sizeBytes());
    }
  }

  @Override
  public void shrunk(Block left, long bytes) {
    if (left.leftBytes() == 0) {
      lastPiece = bytes;
    } else if (isAsked(left)) {
      write(BlockMove.Kind.SHRUNK, left, bytes);
      log.put(left.leftBytes());
    }
  }

  @Override
  public void closed(Block block, Why why, int releaser, long timeNanos) {
    long bytes = block.leftBytes() == 0 ? lastPiece : block.leftBytes();
    lastPiece = 0;
    if (isAsked(block)) {
      write(BlockMove.Kind.CLOSED, block, bytes);
      log.put(why == Why.FREED ? releaser : Releasers.UNKNOWN);
    }
  }

  /** How many moves there are. */
  long moves() {
    return moves;
  }

  private boolean isAsked(Block block) {
    return block.asked() && question.sizes().passes(block.sizeBytes());
  }

  private void write(BlockMove.Kind kind, Block block, long bytes) {
    long micros = Math.max(lastMicros, Math.max(0, nowNanos) / NANOS);
    log.put((long) block.entry() * KINDS + kind.ordinal());
    log.put(micros - lastMicros);
    log.putSigned(block.address() - lastAddress);
    log.put(block.tid());
    log.put(bytes);
    lastMicros = micros;
    lastAddress = block.address();
    moves++;
  }

  /** Reads the moves, first to last. */
  Reader reader() {
    return new Reader();
  }

  /** One pass over the moves. */
  final class Reader {
    private final VarintLog.Reader in = log.reader();
    private long micros;
    private long address;
    private BlockMove next = read();

    /** The next move; null behind the last. */
    BlockMove next() {
      return next;
    }

    /** Takes the next move and reads the one behind it. */
    void take(Consumer<BlockMove> visitor) {
      visitor.accept(next);
      next = read();
    }

    private BlockMove read() {
      if (!in.hasNext()) {
        return null;
      }
      long first = in.get();
      BlockMove.Kind kind = BlockMove.Kind.values()[(int) (first % KINDS)];
      micros += in.get();
      address += in.getSigned();
      int tid = (int) in.get();
      long bytes = in.get();
      long left =
          switch (kind) {
            case OPENED -> bytes;
            case SHRUNK -> in.get();
            case CLOSED -> 0;
          };
      StackId releaser =
          kind == BlockMove.Kind.CLOSED ? blocks.releaserOrNull((int) in.get()) : null;
      return new BlockMove(
          micros, kind, blocks.stack((int) (first / KINDS)), address, tid, bytes, left, releaser);
    }
  }
}
