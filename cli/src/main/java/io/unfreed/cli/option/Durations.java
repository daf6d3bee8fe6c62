package io.unfreed.cli.option;

import io.unfreed.query.Quantities;
import io.unfreed.query.UsageException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations like 250ms, 5s, 10m; with a unit, may have a fraction. */
public final class Durations implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    return nanos(text);
  }

  /** Nanoseconds of a duration. */
  public static long nanos(String text) {
    try {
      return Quantities.nanos(text);
    } catch (UsageException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
