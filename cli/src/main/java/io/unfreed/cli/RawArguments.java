package io.unfreed.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Arguments as they were given. The JVM decodes them by the locale, and what the locale cannot say
 * is lost: under {@code LANG=C} any character that is not ASCII. Such arguments are read again, as
 * UTF-8; a byte that is none becomes U+DC00 + the byte, which no text has.
 */
final class RawArguments {
  /** What the JVM makes of bytes that it cannot decode. */
  static final char UNDECODED = '\ufffd';

  private static final char ESCAPE = '\udc00';

  private RawArguments() {}

  /** The arguments of this process. */
  static String[] of(String[] decoded) {
    if (Arrays.stream(decoded).allMatch(argument -> argument.indexOf(UNDECODED) < 0)) {
      return decoded;
    }
    byte[] line;
    try {
      line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
    } catch (IOException e) { // not Linux: nobody can say more
      return decoded;
    }
    return of(decoded, line, Charset.forName(System.getProperty("sun.jnu.encoding")));
  }

  /**
   * The arguments of a command line.
   *
   * @param line ends with the same arguments, a zero byte behind each
   * @param locale how they were decoded
   */
  static String[] of(String[] decoded, byte[] line, Charset locale) {
    String[] arguments = decoded.clone();
    int end = line.length - 1;
    for (int i = arguments.length - 1; i >= 0 && end >= 0; i--) {
      int begin = end;
      while (begin > 0 && line[begin - 1] != 0) {
        begin--;
      }
      byte[] raw = Arrays.copyOfRange(line, begin, end);
      if (!new String(raw, locale).equals(decoded[i])) {
        return decoded; // made of an @file by java, say
      }
      if (decoded[i].indexOf(UNDECODED) >= 0) {
        arguments[i] = decode(raw);
      }
      end = begin - 1;
    }
    return arguments;
  }

  static String decode(byte[] bytes) {
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    for (CoderResult result = utf8.decode(in, out, true);
        result.isMalformed();
        result = utf8.decode(in, out, true)) {
      for (int i = result.length(); i > 0; i--) {
        out.put((char) (ESCAPE + (in.get() & 0xff)));
      }
    }
    return out.flip().toString();
  }

  /** The bytes of which {@link #decode} made the text. */
  static byte[] encode(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text.codePoints()
        .forEach(c -> {
          if (c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff) {
            out.write(c - ESCAPE);
          } else {
            out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
          }
        });
    return out.toByteArray();
  }
}
