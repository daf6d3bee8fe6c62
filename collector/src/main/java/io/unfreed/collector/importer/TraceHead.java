package io.unfreed.collector.importer;

import io.unfreed.collector.capture.RecordingException;
import java.nio.file.Path;

/**
 * What the first lines of a trace tell.
 *
 * @param kind format
 * @param command command line of the traced program, null when not recorded
 */
record TraceHead(Recording.Kind kind, String command) {
  private static final int LONGEST_COMMAND = 4096;

  /** Recognises the format by its first lines. */
  static TraceHead read(Path file, byte[] head) throws RecordingException {
    String text = Texts.decode(head, 0, Math.min(head.length, 4));
    if (text.startsWith("= St") || text.startsWith("@ ")) {
      return new TraceHead(Recording.Kind.MTRACE, null);
    }
    if (!text.startsWith("v ")) {
      throw new RecordingException(
          file
              + ": no capture, heaptrack file or mtrace log; it begins with: "
              + Texts.excerpt(head, 0, Math.min(head.length, 32))
              + "; nothing was read");
    }
    return heaptrack(file, head);
  }

  private static TraceHead heaptrack(Path file, byte[] head) throws RecordingException {
    Recording.Kind kind = null;
    StringBuilder command = null;
    boolean insideCommand = false;
    int from = 0;
    for (int to = lineEnd(head, 0); to < head.length; from = to + 1, to = lineEnd(head, from)) {
      byte mode = to - from >= 2 && head[from + 1] == ' ' ? head[from] : 0;
      if (mode == 'v' && from == 0) {
        checkVersion(file, head);
      } else if (mode == 'X' && command == null) {
        command = new StringBuilder(Texts.decode(head, from + 2, to));
        insideCommand = true;
      } else if (insideCommand && !endsCommand(kind, mode)) {
        command.append(' ').append(Texts.decode(head, from, to));
      } else {
        insideCommand = false;
        if (mode == '+' || mode == '-') {
          break;
        }
      }
      if (kind == null && !insideCommand) {
        kind = kindOf(mode);
      }
      if (kind != null && command != null && !insideCommand) {
        break;
      }
    }
    if (command != null && command.length() > LONGEST_COMMAND) {
      command.setLength(LONGEST_COMMAND);
    }
    return new TraceHead(
        kind == null ? Recording.Kind.HEAPTRACK_RAW : kind,
        command == null ? null : command.toString());
  }

  private static Recording.Kind kindOf(byte mode) {
    return switch (mode) {
      case 'x', 'm' -> Recording.Kind.HEAPTRACK_RAW;
      case 's', 'i', 'a' -> Recording.Kind.HEAPTRACK_INTERPRETED;
      default -> null;
    };
  }

  /** As the parsers have it: a raw file goes on with {@code I} or {@code m}. */
  private static boolean endsCommand(Recording.Kind kind, byte mode) {
    boolean raw = kind == Recording.Kind.HEAPTRACK_RAW;
    return mode != 0 && (raw ? "Im" : "ImsitacR+-A").indexOf(mode) >= 0;
  }

  private static void checkVersion(Path file, byte[] head) throws RecordingException {
    HexLine line = new HexLine();
    line.reset(head, 2);
    line.hex();
    if (line.more() && Long.compareUnsigned(line.hex(), HeaptrackFacts.NEWEST_VERSION) > 0) {
      throw new RecordingException(
          file
              + ": a heaptrack file of a version newer than "
              + HeaptrackFacts.NEWEST_VERSION
              + ", which is not known here; nothing was read");
    }
  }

  private static int lineEnd(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != '\n') {
      at++;
    }
    return at;
  }
}
