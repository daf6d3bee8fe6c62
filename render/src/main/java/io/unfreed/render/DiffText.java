package io.unfreed.render;

import io.unfreed.query.BlockDiff;
import io.unfreed.query.BlockGroup;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.text.Printable;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** A comparison as text, most growth first. */
public final class DiffText {
  private DiffText() {}

  /** Prints it, listing {@code top} groups, 0 for all. */
  public static void print(PrintStream out, DiffReport report, int top) {
    List<BlockDiff.Entry> listed = DiffJson.listed(report, top);
    BlockDiff diff = report.diff();
    out.printf(
        "[%s] to [%s]: %d of %d changed %s:%n",
        moment(report.before()),
        moment(report.after()),
        listed.size(),
        diff.entries().size(),
        ChosenText.what(report.groupBy()));
    for (BlockDiff.Entry entry : listed) {
      out.printf(
          "        %s: %+d bytes in %+d allocations%s %s, was %d in %d, is %d in %d%n",
          entry.change().label(),
          entry.bytes(),
          entry.count(),
          rate(report, entry.before(), entry.after()),
          Printable.of(ChosenText.name(report.groupBy(), entry.name())),
          entry.before().bytes(),
          entry.before().count(),
          entry.after().bytes(),
          entry.after().count());
      printFrames(out, entry);
    }
    for (BlockDiff.Change change : BlockDiff.Change.values()) {
      List<BlockDiff.Entry> of =
          diff.entries().stream().filter(entry -> entry.change() == change).toList();
      out.printf(
          "    %s: %d, %+d bytes%n",
          change.label(), of.size(), of.stream().mapToLong(BlockDiff.Entry::bytes).sum());
    }
    out.printf(
        "    in all: %+d bytes in %+d allocations%s, was %d in %d, is %d in %d%n",
        diff.bytes(),
        diff.after().count() - diff.before().count(),
        rate(report, diff.before(), diff.after()),
        diff.before().bytes(),
        diff.before().count(),
        diff.after().bytes(),
        diff.after().count());
  }

  private static void printFrames(PrintStream out, BlockDiff.Entry entry) {
    if (entry.frames() != null) {
      for (Frame frame : entry.frames()) {
        out.println("                " + FrameText.of(frame));
      }
    } else if (entry.name() instanceof BlockGroup.Stack(var key)) {
      out.println("                stack " + key.stack().stackId() + ", frames not recorded");
    }
  }

  private static String rate(DiffReport report, BlockDiff.Amount before, BlockDiff.Amount after) {
    if (report.per() == DiffReport.Per.NOTHING) {
      return "";
    }
    Double rate = report.growth(before.bytes(), after.bytes());
    return rate == null
        ? ""
        : String.format(
            Locale.ROOT,
            " (%+.3f bytes per %s)",
            rate,
            report.per().name().toLowerCase(Locale.ROOT));
  }

  private static String moment(DiffReport.Side side) {
    return side.session().getSessionId() + " " + TextReports.moment(side.session(), side.atNanos());
  }
}
