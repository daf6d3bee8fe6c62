package io.unfreed.server.answer;

import io.unfreed.query.FailedException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What is thrown at who asked when a pass failed. */
final class Failures {
  private Failures() {}

  /** Throws it, or gives back what is to be thrown. */
  static RuntimeException of(Throwable cause) throws IOException {
    switch (cause) {
      case IOException e -> throw e;
      case UncheckedIOException e -> throw e.getCause();
      case RuntimeException e -> throw e;
      case OutOfMemoryError e ->
          throw new TooCostlyException("the answer needs more memory than the server has");
      case Error e -> throw e;
      default -> throw new FailedException(cause.getMessage(), cause);
    }
  }
}
