package io.unfreed.bpf.symbols;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** The letters, numbers and identifiers that names of Rust's v0 scheme are made of. */
final class RustV0Reader {
  private final String mangled;
  private int at;

  RustV0Reader(String mangled) {
    this.mangled = mangled;
  }

  int at() {
    return at;
  }

  /** Goes on elsewhere, for a back reference. */
  void goTo(int place) {
    at = place;
  }

  boolean isAtEnd() {
    return at == mangled.length();
  }

  /** The name cannot be read. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable() {
      super(null, null, false, false);
    }
  }

  char peek() throws Unreadable {
    if (at >= mangled.length()) {
      throw new Unreadable();
    }
    return mangled.charAt(at);
  }

  char next() throws Unreadable {
    char c = peek();
    at++;
    return c;
  }

  boolean take(char wanted) {
    boolean there = at < mangled.length() && mangled.charAt(at) == wanted;
    at += there ? 1 : 0;
    return there;
  }

  BigInteger hex() throws Unreadable {
    int start = at;
    while (next() != '_') {
      if (at - start > 32 || "0123456789abcdef".indexOf(mangled.charAt(at - 1)) < 0) {
        throw new Unreadable();
      }
    }
    String digits = mangled.substring(start, at - 1);
    return digits.isEmpty() ? BigInteger.ZERO : new BigInteger(digits, 16);
  }

  record Identifier(String name, long disambiguator) {}

  Identifier identifier() throws Unreadable {
    long disambiguator = disambiguator();
    boolean punycode = take('u');
    int length = 0;
    if (!take('0')) {
      if (!Character.isDigit(peek())) {
        throw new Unreadable();
      }
      while (at < mangled.length() && Character.isDigit(mangled.charAt(at))) {
        length = length * 10 + (next() - '0');
        if (length > mangled.length()) {
          throw new Unreadable();
        }
      }
    }
    take('_');
    if (at + length > mangled.length()) {
      throw new Unreadable();
    }
    String name = mangled.substring(at, at + length);
    at += length;
    return new Identifier(punycode ? fromPunycode(name) : name, disambiguator);
  }

  long disambiguator() throws Unreadable {
    return take('s') ? base62() + 1 : 0;
  }

  /** A number that ends with an underscore, which alone is 0; a crate's hash may fill 64 bits. */
  long base62() throws Unreadable {
    if (take('_')) {
      return 0;
    }
    long value = 0;
    for (char c = next(); c != '_'; c = next()) {
      int digit =
          c >= '0' && c <= '9'
              ? c - '0'
              : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 36 : -1;
      if (digit < 0) {
        throw new Unreadable();
      }
      value = value * 62 + digit;
    }
    return value + 1;
  }

  /** RFC 3492 with an underscore for its hyphen. */
  private static String fromPunycode(String text) throws Unreadable {
    int split = text.lastIndexOf('_');
    List<Integer> points = new ArrayList<>();
    text.substring(0, Math.max(split, 0)).chars().forEach(points::add);
    int in = split + 1;
    int point = 128;
    int bias = 72;
    int i = 0;
    while (in < text.length()) {
      int before = i;
      int weight = 1;
      for (int k = 36; ; k += 36) {
        int digit = in < text.length() ? punycodeDigit(text.charAt(in++)) : -1;
        if (digit < 0 || weight > Character.MAX_CODE_POINT) {
          throw new Unreadable();
        }
        i += digit * weight;
        int threshold = Math.clamp(k - bias, 1, 26);
        if (digit < threshold) {
          break;
        }
        weight *= 36 - threshold;
      }
      int size = points.size() + 1;
      bias = adapted(i - before, size, before == 0);
      point += i / size;
      i %= size;
      if (!Character.isValidCodePoint(point)) {
        throw new Unreadable();
      }
      points.add(i++, point);
    }
    StringBuilder name = new StringBuilder();
    points.forEach(name::appendCodePoint);
    return name.toString();
  }

  private static int punycodeDigit(char c) {
    return c >= 'a' && c <= 'z' ? c - 'a' : c >= '0' && c <= '9' ? c - '0' + 26 : -1;
  }

  private static int adapted(int change, int points, boolean first) {
    int delta = first ? change / 700 : change / 2;
    delta += delta / points;
    int k = 0;
    while (delta > 455) {
      delta /= 35;
      k += 36;
    }
    return k + 36 * delta / (delta + 38);
  }
}
