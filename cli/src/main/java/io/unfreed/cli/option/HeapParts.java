package io.unfreed.cli.option;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A part of the heap in bytes, like 64m, 2g or 40%. */
public final class HeapParts implements ITypeConverter<Long> {
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,3})%");

  /** Less holds the blocks of no program. */
  private static final long LEAST = 1 << 20;

  private final long heap;

  /** Of the heap of this Java. */
  HeapParts() {
    this(Runtime.getRuntime().maxMemory());
  }

  HeapParts(long heap) {
    this.heap = heap;
  }

  @Override
  public Long convert(String text) {
    Matcher percent = PERCENT.matcher(text);
    long bytes =
        percent.matches()
            ? heap / 100 * Integer.parseInt(percent.group(1))
            : new ByteSizes().convert(text);
    if (bytes < LEAST) {
      throw new TypeConversionException("'" + text + "' is less than 1m");
    }
    if (bytes > heap) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is more than the heap, which has "
              + (heap >> 20)
              + "m (UNFREED_JAVA_OPTS=-Xmx4g, say, allows more)");
    }
    return bytes;
  }
}
