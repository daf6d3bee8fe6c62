package io.unfreed.render.export;

import io.unfreed.query.FrameFilter;
import io.unfreed.query.StackBook;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.history.BlockHistory;
import io.unfreed.streams.history.BlockMove;
import io.unfreed.streams.report.IncarnationReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What became of one process's blocks.
 *
 * @param process the incarnation, as of the moment asked
 * @param history its blocks
 * @param filter which stacks are asked for
 * @param book frames of stacks
 */
public record ExportedHistory(
    IncarnationReport process, BlockHistory history, FrameFilter filter, StackBook book) {
  private static final long NANOS = 1000;

  /** How many moves of stacks that are asked for there are. */
  public long moves() {
    if (filter.passesAll()) {
      return history.moves();
    }
    long[] moves = new long[1];
    forEach(move -> moves[0]++);
    return moves[0];
  }

  /** Calls for every move of a stack that is asked for, by time. */
  void forEach(Consumer<BlockMove> visitor) {
    Map<StackId, Boolean> passes = new HashMap<>();
    history.forEach(move -> {
      if (passes.computeIfAbsent(move.stack().stackId(), id -> filter.passes(book.frames(id)))) {
        visitor.accept(move);
      }
    });
  }

  /** Frames of a stack, innermost first, one at least. */
  List<Frame> frames(StackId id) {
    return ExportedStack.frames(book, id);
  }

  /** Session time of the moment asked, not before the last move. */
  long endMicros(long lastMicros) {
    Long at = process.atNanos();
    return Math.max(lastMicros, at == null ? 0 : at / NANOS);
  }

  /** The command, or what stands for it; one line. */
  String command() {
    String command = process.process().getCommand();
    return Printable.of(command == null || command.isBlank() ? "unknown" : command);
  }
}
