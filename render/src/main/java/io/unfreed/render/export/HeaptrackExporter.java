package io.unfreed.render.export;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.history.BlockMove;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file as heaptrack_interpret writes it, version 2 (KDE/heaptrack,
 * src/analyze/accumulatedtracedata.cpp), for heaptrack_print and heaptrack_gui. A mapping of which
 * a part is unmapped goes, and what is left of it comes: the format knows whole blocks only. Its
 * temporary allocations are those that heaptrack calls so.
 */
public final class HeaptrackExporter implements HistoryExporter {
  private static final String VERSION = "v 10100 2";
  private static final long MICROS_PER_MILLI = 1000;
  private static final int NONE = 0;

  @Override
  public void write(Session session, List<ExportedHistory> processes, OutputStream out)
      throws IOException {
    PrintStream lines =
        new PrintStream(new BufferedOutputStream(out, 1 << 16), false, StandardCharsets.UTF_8);
    lines.print(VERSION + "\n");
    for (ExportedHistory process : processes) {
      lines.print("X " + process.command() + "\nI 1000 0\n");
      new Writer(process, lines).write();
    }
    if (lines.checkError()) {
      throw new IOException("the file could not be written whole");
    }
  }

  /** A frame as heaptrack has it: an address with what is there. */
  private record Place(long address, int module, int function, int file, int line) {}

  private record Node(int place, int caller) {}

  /** Allocations of one size by one stack. */
  private record Sort(long bytes, int trace) {}

  private static final class Writer {
    private final ExportedHistory process;
    private final PrintStream out;
    private final Map<String, Integer> strings = new HashMap<>();
    private final Map<Place, Integer> places = new HashMap<>();
    private final Map<Node, Integer> nodes = new HashMap<>();
    private final Map<StackId, Integer> traces = new HashMap<>();
    private final Map<Sort, Integer> infos = new HashMap<>();
    private long micros;
    private long writtenMillis;

    private Writer(ExportedHistory process, PrintStream out) {
      this.process = process;
      this.out = out;
    }

    private void write() {
      process.forEach(this::move);
      time(process.endMicros(micros));
      out.print("R 0\n# strings: " + strings.size() + "\n# ips: " + places.size() + "\n");
    }

    private void move(BlockMove move) {
      time(move.timeMicros());
      switch (move.kind()) {
        case OPENED -> event('+', move, move.bytes());
        case CLOSED -> event('-', move, move.bytes());
        case SHRUNK -> {
          event('-', move, move.bytes() + move.leftBytes());
          event('+', move, move.leftBytes());
        }
      }
    }

    private void event(char sign, BlockMove move, long bytes) {
      StackId stack = move.stack().stackId();
      Integer trace = traces.get(stack);
      if (trace == null) {
        trace = trace(process.frames(stack));
        traces.put(stack, trace);
      }
      Sort info = new Sort(bytes, trace);
      Integer known = infos.get(info);
      if (known == null) {
        known = infos.size();
        infos.put(info, known);
        line('a', bytes, trace);
      }
      line(sign, known);
    }

    private void time(long now) {
      micros = now;
      long millis = now / MICROS_PER_MILLI;
      if (millis > writtenMillis) {
        line('c', millis);
        writtenMillis = millis;
      }
    }

    private int trace(List<Frame> frames) {
      int caller = NONE;
      for (Frame frame : frames.reversed()) {
        Node node = new Node(place(frame), caller);
        Integer known = nodes.get(node);
        if (known == null) {
          known = nodes.size() + 1;
          nodes.put(node, known);
          line('t', node.place(), caller);
        }
        caller = known;
      }
      return caller;
    }

    private int place(Frame frame) {
      Place place =
          new Place(
              frame.getAddress() == null ? 0 : frame.getAddress(),
              text(frame.getModule()),
              text(frame.getSymbol()),
              frame.getSymbol() == null ? NONE : text(frame.getFile()),
              frame.getLine() == null ? 0 : frame.getLine());
      Integer known = places.get(place);
      if (known == null) {
        known = places.size() + 1;
        places.put(place, known);
        if (place.file() != NONE) {
          line('i', place.address(), place.module(), place.function(), place.file(), place.line());
        } else if (place.function() != NONE) {
          line('i', place.address(), place.module(), place.function());
        } else {
          line('i', place.address(), place.module());
        }
      }
      return known;
    }

    private int text(String text) {
      if (text == null || text.isEmpty()) {
        return NONE;
      }
      Integer known = strings.get(text);
      if (known == null) {
        known = strings.size() + 1;
        strings.put(text, known);
        out.print("s " + Printable.of(text) + "\n");
      }
      return known;
    }

    private void line(char kind, long... numbers) {
      out.print(kind);
      for (long number : numbers) {
        out.print(' ');
        out.print(Long.toHexString(number));
      }
      out.print('\n');
    }
  }
}
