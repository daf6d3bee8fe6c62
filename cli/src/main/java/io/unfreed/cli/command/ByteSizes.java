package io.unfreed.cli.command;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes in bytes, like 4096, 64k, 1m, 2g (powers of 1024). */
final class ByteSizes implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})([kmgt]?)(?:i?b)?");

  @Override
  public Long convert(String text) {
    Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!form.matches()) {
      throw new TypeConversionException("'" + text + "' is no size: write it like 4096, 64k or 1m");
    }
    long unit = 1L << (10 * "kmgt".indexOf(form.group(2)) + 10);
    try {
      return Math.multiplyExact(Long.parseLong(form.group(1)), form.group(2).isEmpty() ? 1 : unit);
    } catch (ArithmeticException e) {
      throw new TypeConversionException("'" + text + "' is larger than any size");
    }
  }
}
