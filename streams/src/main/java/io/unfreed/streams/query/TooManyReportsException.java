package io.unfreed.streams.query;

import java.util.Locale;

/** The reports of all intervals need more memory than there is; the message is for people. */
public final class TooManyReportsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooManyReportsException(int reports, long atNanos) {
    super(
        String.format(
            Locale.ROOT,
            "--interval is too short: there is memory for %d reports, which is up to %.3f s of the"
                + " recording; ask for a longer one, or UNFREED_JAVA_OPTS=-Xmx4g, say, allows more",
            reports,
            atNanos / 1e9));
  }
}
