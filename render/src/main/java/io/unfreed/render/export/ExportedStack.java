package io.unfreed.render.export;

import io.unfreed.query.BlockGroup;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.StackBook;
import io.unfreed.render.CommandName;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockNumbers;
import java.util.ArrayList;
import java.util.List;

/**
 * What one stack of one process holds.
 *
 * @param process the incarnation
 * @param space address space of its blocks
 * @param frames innermost first, one at least
 * @param numbers what its blocks add up to
 */
public record ExportedStack(
    IncarnationReport process, String space, List<Frame> frames, BlockNumbers numbers) {

  /** The stacks of an answer that is grouped by stack. */
  public static List<ExportedStack> of(ChosenBlocks chosen, StackBook book) {
    List<ExportedStack> stacks = new ArrayList<>();
    for (BlockGroup group : chosen.groups()) {
      if (group.name() instanceof BlockGroup.Stack(var key)) {
        stacks.add(
            new ExportedStack(
                chosen.report(),
                key.stack().space().label(),
                frames(book, key.stack().stackId()),
                group.numbers()));
      }
    }
    return stacks;
  }

  /** Frames of a stack, innermost first; one that says so where none are known. */
  static List<Frame> frames(StackBook book, StackId id) {
    List<Frame> frames = book.frames(id);
    return frames == null || frames.isEmpty() ? List.of(unknown(id)) : frames;
  }

  /** How the process is called: its command and, where it has one, its tgid. */
  String processName() {
    String name = CommandName.of(process.process().getCommand());
    Integer tgid = process.process().getTgid();
    return tgid == null ? name : name + " (" + tgid + ")";
  }

  /** How a frame is called: its function, or where it is. */
  static String name(Frame frame) {
    if (frame.getSymbol() != null) {
      return Printable.of(frame.getSymbol());
    }
    String address =
        frame.getAddress() == null ? "??" : "0x" + Long.toHexString(frame.getAddress());
    return frame.getModule() == null
        ? address
        : Printable.of(
            frame.getModule().substring(frame.getModule().lastIndexOf('/') + 1) + "+" + address);
  }

  private static Frame unknown(StackId id) {
    String name = id.equals(StackId.UNKNOWN) ? "unknown (lost)" : "stack " + id;
    return Frame.newBuilder().setSymbol(name).build();
  }
}
