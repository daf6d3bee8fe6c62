package io.unfreed.render.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.history.BlockMove;
import io.unfreed.streams.ledger.Sums;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file as valgrind's DHAT writes it, version 2 (valgrind, dhat/dh_main.c, "File format notes"),
 * for dh_view.html and Firefox Profiler; without accesses, which nobody recorded. Times are
 * microseconds. The same frames in two address spaces are one point.
 */
public final class DhatExporter implements HistoryExporter {
  private static final int SHORT_LIVED_MICROS = 500;

  @Override
  public void write(Session session, List<ExportedHistory> processes, OutputStream out)
      throws IOException {
    for (ExportedHistory process : processes) {
      Points points = new Points(process);
      process.forEach(points::move);
      points.end();
      write(process, points, out);
    }
  }

  private static void write(ExportedHistory process, Points points, OutputStream out)
      throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("dhatFileVersion", 2);
      json.writeStringField("mode", "heap");
      json.writeStringField("verb", "Allocated");
      json.writeBooleanField("bklt", true);
      json.writeBooleanField("bkacc", false);
      json.writeStringField("tu", "µs");
      json.writeStringField("Mtu", "s");
      json.writeNumberField("tuth", SHORT_LIVED_MICROS);
      json.writeStringField("cmd", process.command());
      Integer tgid = process.process().process().getTgid();
      json.writeNumberField("pid", tgid == null ? 0 : tgid);
      json.writeNumberField("te", points.endMicros);
      json.writeNumberField("tg", points.peakMicros);
      json.writeArrayFieldStart("pps");
      for (Map.Entry<List<Integer>, Point> point : points.byFrames.entrySet()) {
        write(json, point.getValue(), point.getKey());
      }
      json.writeEndArray();
      json.writeArrayFieldStart("ftbl");
      for (String frame : points.frames.keySet()) {
        json.writeString(frame);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void write(JsonGenerator json, Point p, List<Integer> frames) throws IOException {
    json.writeStartObject();
    json.writeNumberField("tb", p.totalBytes);
    json.writeNumberField("tbk", p.totalBlocks);
    json.writeNumberField("tl", p.lifeMicros);
    json.writeNumberField("mb", p.mostBytes);
    json.writeNumberField("mbk", p.blocksAtMost);
    json.writeNumberField("gb", p.peakBytes);
    json.writeNumberField("gbk", p.peakBlocks);
    json.writeNumberField("eb", p.liveBytes);
    json.writeNumberField("ebk", p.liveBlocks);
    json.writeArrayFieldStart("fs");
    for (int frame : frames) {
      json.writeNumber(frame);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** {@code 0xADDR: function (file:line)}, as valgrind spells it. */
  private static String text(Frame frame) {
    String address =
        frame.getAddress() == null ? "0x0" : "0x" + Long.toHexString(frame.getAddress());
    String function = frame.getSymbol() == null ? "???" : Printable.of(frame.getSymbol());
    if (frame.getFile() != null) {
      String file = Printable.of(frame.getFile());
      return address
          + ": "
          + function
          + " ("
          + file
          + (frame.getLine() == null ? ")" : ":" + frame.getLine() + ")");
    }
    String module = frame.getModule() == null ? "???" : Printable.of(frame.getModule());
    return address + ": " + function + " (in " + module + ")";
  }

  /** What DHAT calls a program point. */
  private static final class Point {
    private long totalBytes;
    private long totalBlocks;

    /** Of blocks that went: when, less when they came; of the others it is completed at the end. */
    private long lifeMicros;

    private long liveBytes;
    private long liveBlocks;
    private long mostBytes;
    private long blocksAtMost;

    /** As it was at that peak of all; later ones it has lived through unchanged. */
    private long knownPeak;

    private long peakBytes;
    private long peakBlocks;
  }

  private static final class Points {
    private final ExportedHistory process;
    private final Map<String, Integer> frames = new LinkedHashMap<>();
    private final Map<List<Integer>, Point> byFrames = new LinkedHashMap<>();
    private final Map<StackId, Point> byStack = new LinkedHashMap<>();
    private long liveBytes;
    private long mostBytes;

    /** Peaks so far are numbered. */
    private long peak;

    private long peakMicros;
    private long endMicros;

    private Points(ExportedHistory process) {
      this.process = process;
      frames.put("[root]", 0);
    }

    private void move(BlockMove move) {
      endMicros = move.timeMicros();
      Point point = byStack.computeIfAbsent(move.stack().stackId(), this::point);
      remember(point);
      switch (move.kind()) {
        case OPENED -> {
          point.totalBlocks++;
          point.totalBytes = Sums.of(point.totalBytes, move.bytes());
          change(point, move.bytes(), 1);
          point.lifeMicros -= endMicros;
        }
        case SHRUNK -> change(point, -move.bytes(), 0);
        case CLOSED -> {
          change(point, -move.bytes(), -1);
          point.lifeMicros += endMicros;
        }
      }
    }

    private void change(Point point, long bytes, int blocks) {
      point.liveBytes += bytes;
      point.liveBlocks += blocks;
      liveBytes += bytes;
      if (point.liveBytes > point.mostBytes) {
        point.mostBytes = point.liveBytes;
        point.blocksAtMost = point.liveBlocks;
      }
      if (liveBytes > mostBytes) {
        mostBytes = liveBytes;
        peakMicros = endMicros;
        peak++;
      }
    }

    /** What a point holds now it held at the last peak, unless it has changed since. */
    private void remember(Point point) {
      if (point.knownPeak != peak) {
        point.knownPeak = peak;
        point.peakBytes = point.liveBytes;
        point.peakBlocks = point.liveBlocks;
      }
    }

    private void end() {
      endMicros = process.endMicros(endMicros);
      for (Point point : byFrames.values()) {
        remember(point);
        point.lifeMicros += point.liveBlocks * endMicros;
      }
    }

    private Point point(StackId id) {
      List<Integer> indices = new ArrayList<>();
      for (Frame frame : process.frames(id)) {
        String text = text(frame);
        Integer known = frames.get(text);
        if (known == null) {
          known = frames.size();
          frames.put(text, known);
        }
        indices.add(known);
      }
      return byFrames.computeIfAbsent(List.copyOf(indices), key -> new Point());
    }
  }
}
