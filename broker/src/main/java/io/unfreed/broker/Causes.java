package io.unfreed.broker;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** Turns a chain of exceptions into the part of a line that helps a user. */
final class Causes {
  private static final int MAX_DEPTH = 16;

  private Causes() {}

  /** Whether something could not be begun because the JVM is ending. */
  static boolean isShutdown(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < MAX_DEPTH && cause != null; i++, cause = cause.getCause()) {
      if (cause instanceof IllegalStateException
          && "Shutdown in progress".equals(cause.getMessage())) { // of Runtime.addShutdownHook
        return true;
      }
    }
    return false;
  }

  /** What the deepest cause says, without class names where the message is enough. */
  static String line(Throwable thrown) {
    Throwable deepest = thrown;
    for (int i = 0; i < MAX_DEPTH && deepest.getCause() != null; i++) {
      deepest = deepest.getCause();
    }
    if (deepest instanceof AccessDeniedException e) {
      return "permission denied: " + e.getFile();
    }
    if (deepest instanceof NoSuchFileException e) {
      return "no such file or directory: " + e.getFile();
    }
    if (deepest instanceof FileSystemException e && e.getReason() != null) {
      return e.getReason().toLowerCase(Locale.ROOT) + ": " + e.getFile();
    }
    String message = deepest.getMessage();
    String text =
        message == null || message.isBlank()
            ? deepest.getClass().getSimpleName()
            : message.lines().findFirst().orElse("").strip();
    return text.isEmpty() ? deepest.getClass().getSimpleName() : text;
  }
}
