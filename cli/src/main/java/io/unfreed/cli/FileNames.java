package io.unfreed.cli;

import io.unfreed.bpf.ffi.NativePath;
import io.unfreed.query.UsageException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/**
 * Paths of the command line's names, byte for byte. A path made of a text has the bytes of the
 * locale's charset; one made of a URI has the bytes that the URI spells.
 */
public final class FileNames implements ITypeConverter<Path> {
  private static final Charset LOCALE = Charset.forName(System.getProperty("sun.jnu.encoding"));

  @Override
  public Path convert(String text) {
    return of(text);
  }

  /** The file of a name as {@link RawArguments} gives it. */
  public static Path of(String name) {
    if (name.isEmpty() || LOCALE.newEncoder().canEncode(name)) {
      return NativePath.here(Path.of(name));
    }
    return NativePath.here(NativePath.ofBytes(RawArguments.encode(name)));
  }

  /** A file beside another, whose name has something before and behind it. */
  public static Path beside(Path file, String before, String behind) {
    String name = file.getFileName().toString();
    if (name.indexOf(RawArguments.UNDECODED) < 0) {
      return file.resolveSibling(before + name + behind);
    }
    String spelled = file.toUri().getRawPath();
    int at = spelled.lastIndexOf('/') + 1;
    return Path.of(
        URI.create("file://" + spelled.substring(0, at) + before + spelled.substring(at) + behind));
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
}
