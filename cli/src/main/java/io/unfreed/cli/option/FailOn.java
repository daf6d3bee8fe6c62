package io.unfreed.cli.option;

import io.unfreed.streams.verdict.Judge;
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
          return ofConfidence(text, Double.parseDouble(text.substring(KIND.length() + 1)));
        }
      } catch (NumberFormatException e) {
        throw refused(text, e);
      }
      throw refused(text, null);
    }

    /** Nothing would ever fail a check that asks for more than any leak has. */
    private static FailOn ofConfidence(String text, double confidence) {
      if (confidence > Judge.MOST_CONFIDENT) {
        throw new TypeConversionException(
            "'" + text + "' is never met: no leak is surer than " + Judge.MOST_CONFIDENT);
      }
      if (confidence >= 0) {
        return new FailOn(confidence);
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
