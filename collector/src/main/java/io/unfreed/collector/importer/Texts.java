package io.unfreed.collector.importer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Texts of recordings. Paths are bytes; what is no UTF-8 is written as {@code \xNN}. */
final class Texts {
  private Texts() {}

  /** The text from {@code from} to before {@code to}; different bytes give different texts. */
  static String decode(byte[] bytes, int from, int to) {
    ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(in).toString();
    } catch (CharacterCodingException e) {
      return escape(bytes, from, to);
    }
  }

  /** A line for people: at most 60 characters, control characters as dots. */
  static String excerpt(byte[] bytes, int from, int to) {
    int end = Math.min(to, from + 60);
    StringBuilder out = new StringBuilder();
    for (int i = from; i < end; i++) {
      out.append(bytes[i] >= ' ' && bytes[i] < 0x7F ? (char) bytes[i] : '.');
    }
    return end < to ? out + "..." : out.toString();
  }

  private static String escape(byte[] bytes, int from, int to) {
    StringBuilder out = new StringBuilder();
    for (int i = from; i < to; i++) {
      if (bytes[i] >= 0) {
        out.append((char) bytes[i]);
      } else {
        out.append("\\x%02x".formatted(bytes[i] & 0xFF));
      }
    }
    return out.toString();
  }
}
