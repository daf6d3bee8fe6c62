package io.unfreed.cli.option;

import io.unfreed.streams.verdict.Verdict;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What fails a check: stacks that leak, at least so surely. */
public record FailOn(double confidence) {
  /** Whether a verdict fails the check. */
  public boolean isMet(Verdict verdict) {
    return verdict instanceof Verdict.Leaking leaking && leaking.confidence() >= confidence;
  }

  /** {@code leaking} or {@code leaking:CONFIDENCE}. */
  public static final class Form implements ITypeConverter<FailOn> {
    private static final String KIND = "leaking";

    @Override
    public FailOn convert(String text) {
      if (text.equals(KIND)) {
        return new FailOn(0);
      }
      try {
        if (text.startsWith(KIND + ":")) {
          double confidence = Double.parseDouble(text.substring(KIND.length() + 1));
          if (confidence >= 0 && confidence <= 1) {
            return new FailOn(confidence);
          }
        }
      } catch (NumberFormatException e) {
        throw refused(text, e);
      }
      throw refused(text, null);
    }

    private static TypeConversionException refused(String text, Exception cause) {
      TypeConversionException refused =
          new TypeConversionException(
              "'" + text + "' is no condition: write leaking or leaking:0.9");
      refused.initCause(cause);
      return refused;
    }
  }
}
