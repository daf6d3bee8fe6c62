package io.unfreed.cli.option;

import io.unfreed.query.Quantities;
import io.unfreed.query.UsageException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes in bytes, like 4096, 64k, 1m, 2g (powers of 1024). */
public final class ByteSizes implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      return Quantities.bytes(text);
    } catch (UsageException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
