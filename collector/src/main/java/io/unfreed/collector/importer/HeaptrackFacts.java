package io.unfreed.collector.importer;

import java.util.ArrayList;
import java.util.List;

/**
 * Lines that raw and interpreted files share: {@code v} versions, {@code X} command line, {@code I}
 * system, {@code S} suppression, {@code c} time, {@code R} resident pages, {@code A} attached.
 * Source: heaptrack's libheaptrack.cpp and accumulatedtracedata.cpp.
 */
final class HeaptrackFacts {
  /** The newest version known. */
  static final int NEWEST_VERSION = 3;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long LARGEST_MILLIS = Long.MAX_VALUE / NANOS_PER_MILLI;

  /** As many as anybody would read. */
  private static final int MOST_SUPPRESSIONS = 1000;

  /** Before 1.0.0, heaptrack wrote its version only, and this one meant file version 1. */
  private static final long VERSION_WITHOUT_FILE_VERSION = 0x10200;

  private int version;
  private long timeNanos;
  private boolean afterCommand;
  private byte lastMode;
  private final List<String> suppressions = new ArrayList<>();

  /** File version, 0 before the {@code v} line. */
  int version() {
    return version;
  }

  /** Time of the last {@code c}, nanoseconds; 0 before the first. */
  long timeNanos() {
    return timeNanos;
  }

  /** Lines as LeakSanitizer takes them, which the program brought along. */
  List<String> suppressions() {
    return suppressions;
  }

  /** A line of another kind was read. */
  void event(byte mode) {
    lastMode = mode;
  }

  /**
   * True when the recording stopped as heaptrack stops it: with a time stamp and resident pages.
   */
  boolean closed() {
    return lastMode == 'c' || lastMode == 'R';
  }

  /**
   * True while the command line may go on: an argument with line feeds spans lines, until the
   * {@code I} line that heaptrack writes behind it.
   */
  boolean insideCommand() {
    return afterCommand;
  }

  /** The command line is over. */
  void endCommand() {
    afterCommand = false;
  }

  /** Steps over the space behind the mode; false for what is no record. */
  boolean isRecord(byte mode, HexLine line) {
    return mode != '#' && (line.space() || line.atEnd());
  }

  /**
   * Reads a shared line, {@code line} standing behind its mode and space.
   *
   * @return null when well-formed, else what was expected; {@link #UNKNOWN} for other modes
   */
  String read(byte mode, HexLine line) {
    return switch (mode) {
      case 'v' -> version(line);
      case 'c' -> time(line);
      case 'R' -> {
        line.hex();
        lastMode = mode;
        yield expectedUnless(line.complete(), "'R <resident pages, hex>'");
      }
      case 'I' -> {
        line.hex();
        line.hex();
        afterCommand = false;
        yield expectedUnless(line.ok(), "'I <page size, hex> <pages, hex>'");
      }
      case 'X' -> {
        afterCommand = true;
        yield null;
      }
      case 'S' -> {
        String suppression = line.rest();
        if (suppressions.size() < MOST_SUPPRESSIONS) {
          suppressions.add(suppression);
        }
        yield null;
      }
      case 'A' -> null;
      default -> UNKNOWN;
    };
  }

  /** Answer of {@link #read} for a mode that is not shared. */
  static final String UNKNOWN = "a known kind of line";

  private static String expectedUnless(boolean wellFormed, String expected) {
    return wellFormed ? null : expected;
  }

  private String time(HexLine line) {
    long millis = line.hexUpTo(LARGEST_MILLIS);
    if (line.complete()) {
      timeNanos = Math.max(timeNanos, millis * NANOS_PER_MILLI);
      lastMode = 'c';
    }
    return expectedUnless(line.complete(), "'c <milliseconds, hex>'");
  }

  private String version(HexLine line) {
    long heaptrack = line.hex();
    if (!line.ok()) {
      return "'v <heaptrack version, hex> <file version, hex>'";
    }
    if (!line.more()) {
      version = heaptrack == VERSION_WITHOUT_FILE_VERSION ? 1 : 0;
      return null;
    }
    version = (int) line.hexUpTo(NEWEST_VERSION);
    return line.ok() ? null : "a file version of at most " + NEWEST_VERSION;
  }
}
