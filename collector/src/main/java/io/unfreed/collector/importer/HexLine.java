package io.unfreed.collector.importer;

import java.util.Arrays;

/**
 * Reads the fields of one line: hex numbers without prefix, and texts. A field that is not there or
 * malformed makes {@link #ok} false for the rest of the line. The line must end with a line feed.
 * Not thread-safe; one object for all lines.
 */
final class HexLine {
  private static final int MOST_DIGITS = 16;
  private static final byte[] DIGITS = digits();

  private byte[] bytes;
  private int at;
  private boolean ok;

  /** Puts the reader on a field. */
  void reset(byte[] line, int position) {
    bytes = line;
    at = position;
    ok = true;
  }

  /** Index of the next byte. */
  int position() {
    return at;
  }

  /** False once a field was malformed. */
  boolean ok() {
    return ok;
  }

  /** True when the line ends here, well-formed or not. */
  boolean atEnd() {
    return bytes[at] == '\n';
  }

  /** True when another field follows. */
  boolean more() {
    return ok && bytes[at] != '\n';
  }

  /** True when every field was well-formed and nothing follows. */
  boolean complete() {
    return ok && bytes[at] == '\n';
  }

  /** Steps over a space; false when there is none. */
  boolean space() {
    if (bytes[at] != ' ') {
      return false;
    }
    at++;
    return true;
  }

  /** Reads a number and the space behind it, if there is one. */
  long hex() {
    byte[] in = bytes;
    int from = at;
    int p = from;
    long value = 0;
    for (int digit = DIGITS[in[p] & 0xFF]; digit >= 0; digit = DIGITS[in[++p] & 0xFF]) {
      value = value << 4 | digit;
    }
    byte behind = in[p];
    if (p == from || p - from > MOST_DIGITS || (behind != ' ' && behind != '\n')) {
      ok = false;
      return 0;
    }
    at = behind == ' ' ? p + 1 : p;
    return value;
  }

  /** Reads a number that is at most {@code largest}. */
  long hexUpTo(long largest) {
    long value = hex();
    if (Long.compareUnsigned(value, largest) > 0) {
      ok = false;
      return 0;
    }
    return value;
  }

  /** Reads a text behind its length, as version 3 writes them, and the space behind it. */
  String sizedText() {
    long length = hex();
    int from = at;
    if (!ok || Long.compareUnsigned(length, lineEnd() - from) > 0) {
      ok = false;
      return "";
    }
    at = from + (int) length;
    String text = Texts.decode(bytes, from, at);
    if (bytes[at] == ' ') {
      at++;
    } else if (bytes[at] != '\n') {
      ok = false;
    }
    return text;
  }

  /** True when the line goes on with these ASCII characters. */
  boolean startsWith(String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      if (at + i >= bytes.length || bytes[at + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The rest of the line as text. */
  String rest() {
    int from = at;
    at = lineEnd();
    return Texts.decode(bytes, from, at);
  }

  /**
   * Reads a path that may hold spaces and has no length before it: it goes on as long as something
   * other than a hex number follows.
   */
  String pathBeforeHex() {
    int from = at;
    int end = lineEnd();
    int cut = end;
    for (int space = end - 1; space > from; space--) {
      if (bytes[space] == ' ') {
        if (!isHex(space + 1, cut)) {
          break;
        }
        cut = space;
      }
    }
    at = cut == end ? end : cut + 1;
    return Texts.decode(bytes, from, cut);
  }

  private boolean isHex(int from, int to) {
    for (int i = from; i < to; i++) {
      if (DIGITS[bytes[i] & 0xFF] < 0) {
        return false;
      }
    }
    return to > from;
  }

  /** Index of the line feed. */
  int lineEnd() {
    int p = at;
    while (bytes[p] != '\n') {
      p++;
    }
    return p;
  }

  private static byte[] digits() {
    byte[] digits = new byte[256];
    Arrays.fill(digits, (byte) -1);
    for (int i = 0; i < 16; i++) {
      digits["0123456789abcdef".charAt(i)] = (byte) i;
    }
    return digits;
  }
}
