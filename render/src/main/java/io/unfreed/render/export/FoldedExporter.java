package io.unfreed.render.export;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.streams.ledger.Sums;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Folded stacks, as flamegraph.pl and most viewers read them: {@code root;..;leaf bytes}. Firefox
 * Profiler takes the number for a count of samples, and hangs over bytes.
 */
public final class FoldedExporter implements Exporter {
  @Override
  public void write(Session session, List<ExportedStack> stacks, boolean ofFreed, OutputStream out)
      throws IOException {
    boolean severalProcesses =
        stacks.stream().map(stack -> stack.process().incarnation()).distinct().count() > 1;
    Map<String, Long> lines = new TreeMap<>();
    for (ExportedStack stack : stacks) {
      if (stack.numbers().chosenBytes() > 0) {
        StringBuilder line = new StringBuilder();
        if (severalProcesses) {
          line.append(escaped(stack.processName())).append(';');
        }
        for (Frame frame : stack.frames().reversed()) {
          line.append(escaped(ExportedStack.name(frame))).append(';');
        }
        line.setLength(line.length() - 1);
        lines.merge(line.toString(), stack.numbers().chosenBytes(), Sums::of);
      }
    }
    StringBuilder text = new StringBuilder();
    lines.forEach((line, bytes) -> text.append(line).append(' ').append(bytes).append('\n'));
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A semicolon ends a frame, a line break the stack. */
  private static String escaped(String name) {
    return name.replace(';', ':').replaceAll("\\R", " ");
  }
}
