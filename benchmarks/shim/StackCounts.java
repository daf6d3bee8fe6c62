import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Every stack of a capture that allocated, one per line: blocks, bytes, and its frames from the
 * innermost on as MODULE TAB ADDRESS TAB SYMBOL. Inlined calls stand at their caller's address and
 * are left out. Run from source with the libraries of Unfreed.
 */
public final class StackCounts {
  private static final class Sums {
    long blocks;
    long bytes;
  }

  private StackCounts() {}

  public static void main(String[] arguments) throws Exception {
    Map<StackId, Sums> sums = new HashMap<>();
    Map<StackId, CallStack> stacks = new HashMap<>();
    try (CaptureReader in = CaptureReader.open(Path.of(arguments[0]))) {
      EventCursor cursor = new EventCursor();
      for (CaptureReader.Kind kind = in.next();
          kind != CaptureReader.Kind.END;
          kind = in.next()) {
        if (kind == CaptureReader.Kind.STACK) {
          stacks.put(StackId.of(in.stack().getStackId()), in.stack());
        } else if (kind == CaptureReader.Kind.BATCH) {
          cursor.reset(in.bytes(), in.offset(), in.length());
          add(cursor, sums);
        }
      }
    }
    PrintStream out = new PrintStream(System.out, false);
    sums.forEach((id, sum) -> {
      StringBuilder line = new StringBuilder().append(sum.blocks).append('\t').append(sum.bytes);
      CallStack stack = stacks.get(id);
      for (Frame frame : stack == null ? java.util.List.<Frame>of() : stack.getFrames()) {
        if (!frame.getInlined()) {
          line.append('\t').append(frame.getModule())
              .append('\t').append(Long.toHexString(frame.getAddress()))
              .append('\t').append(frame.getSymbol());
        }
      }
      out.println(line);
    });
    out.flush();
  }

  private static void add(EventCursor cursor, Map<StackId, Sums> sums) {
    while (cursor.next()) {
      switch (cursor.code()) {
        case EventCodes.ALLOC_HEAP, EventCodes.OUTCOME_HEAP -> {
          Sums sum =
              sums.computeIfAbsent(cursor.stacks().get(cursor.stackRef()), id -> new Sums());
          sum.blocks++;
          sum.bytes += cursor.value();
        }
        default -> {
          // No block.
        }
      }
    }
  }
}
