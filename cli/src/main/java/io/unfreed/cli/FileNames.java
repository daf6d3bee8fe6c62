package io.unfreed.cli;

import io.unfreed.query.UsageException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/**
 * Paths of the command line's names, byte for byte. A path made of a text has the bytes of the
 * locale's charset; one made of a URI has the bytes that the URI spells.
 */
public final class FileNames implements ITypeConverter<Path> {
  private static final Charset LOCALE = Charset.forName(System.getProperty("sun.jnu.encoding"));
  private static final Path ROOT = Path.of("/");

  @Override
  public Path convert(String text) {
    return of(text);
  }

  /** The file of a name as {@link RawArguments} gives it. */
  public static Path of(String name) {
    if (name.isEmpty() || LOCALE.newEncoder().canEncode(name)) {
      return here(Path.of(name));
    }
    boolean absolute = name.startsWith("/");
    Path path = spelled(escaped(RawArguments.encode(absolute ? name : "/" + name)));
    return absolute ? path : here(ROOT.relativize(path));
  }

  /** A file beside another, whose name has something before and behind it. */
  public static Path beside(Path file, String before, String behind) {
    String name = file.getFileName().toString();
    if (name.indexOf(RawArguments.UNDECODED) < 0) {
      return file.resolveSibling(before + name + behind);
    }
    String spelled = file.toUri().getRawPath();
    int at = spelled.lastIndexOf('/') + 1;
    return spelled(spelled.substring(0, at) + before + spelled.substring(at) + behind);
  }

  /**
   * For what takes names as texts, as Kafka does, and would make a directory of another name.
   *
   * @throws UsageException when the name is no text here
   */
  public static void checkText(String option, Path directory) {
    if (directory != null && directory.toString().indexOf(RawArguments.UNDECODED) >= 0) {
      throw new UsageException(
          option
              + " "
              + directory
              + ": not a name in this locale's "
              + LOCALE
              + "; choose another, or set LC_ALL=C.UTF-8 if it is UTF-8");
    }
  }

  /** In a directory whose name the locale cannot say, the JDK would look elsewhere. */
  private static Path here(Path path) {
    return path.isAbsolute() || System.getProperty("user.dir").indexOf(RawArguments.UNDECODED) < 0
        ? path
        : Path.of("/proc/self/cwd").resolve(path);
  }

  private static Path spelled(String rawPath) {
    return Path.of(URI.create("file://" + rawPath));
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
