package io.unfreed.bpf.ffi;

import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Paths of names as processes and the kernel have them: bytes, UTF-8 where they are texts here. The
 * JDK spells texts in the locale's charset instead, under {@code LANG=C} in ASCII: it refuses to
 * make a path of another name, and what it says of one is not what C may be given.
 */
public final class NativePath {
  private static final boolean LOCALE_IS_UTF_8 =
      Charset.forName(System.getProperty("sun.jnu.encoding")).equals(StandardCharsets.UTF_8);

  private static final Path ROOT = Path.of("/");

  /** What the JVM makes of bytes that it cannot decode. */
  private static final char UNDECODED = '\ufffd';

  private NativePath() {}

  /** The path of any text without a NUL; one that is no UTF-8 names no file. */
  public static Path of(String text) {
    return LOCALE_IS_UTF_8 && StandardCharsets.UTF_8.newEncoder().canEncode(text)
        ? Path.of(text)
        : ofBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The path that has these bytes. */
  public static Path ofBytes(byte[] name) {
    boolean absolute = name.length > 0 && name[0] == '/';
    Path path = Path.of(URI.create("file://" + (absolute ? "" : "/") + escaped(name)));
    return absolute ? path : ROOT.relativize(path);
  }

  /** The text of a path for C, which takes it as UTF-8; that of a relative one is absolute. */
  public static String text(Path path) {
    if (LOCALE_IS_UTF_8) {
      return path.toString();
    }
    String text = path.toUri().getPath(); // a directory's has a slash behind it
    return text.length() > 1 && text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  /** In a directory whose name the locale cannot say, the JDK would look elsewhere. */
  public static Path here(Path path) {
    return path.isAbsolute() || System.getProperty("user.dir").indexOf(UNDECODED) < 0
        ? path
        : Path.of("/proc/self/cwd").resolve(path);
  }

  private static String escaped(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
      if (c == '/' || c == '.' || (c < 0x80 && Character.isLetterOrDigit(c))) {
        out.append(c);
      } else {
        out.append("%%%02x".formatted((int) c));
      }
    }
    return out.toString();
  }
}
