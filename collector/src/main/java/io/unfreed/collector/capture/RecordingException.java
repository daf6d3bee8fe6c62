package io.unfreed.collector.capture;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A recording that cannot be read or written. The message is one line for people: what, where
 * (file, offset or line), what was kept.
 */
public final class RecordingException extends IOException {
  private static final long serialVersionUID = 1L;

  /** With the line for people. */
  public RecordingException(String line) {
    super(line);
  }

  private RecordingException(String line, Throwable cause) {
    super(line, cause);
  }

  /** For a failure of the file system or a decompressor; {@code doing} is like "cannot read". */
  public static RecordingException of(Path file, String doing, IOException cause) {
    if (cause instanceof RecordingException clear) {
      return clear;
    }
    return new RecordingException(file + ": " + doing + ": " + reason(cause), cause);
  }

  /** What went wrong, in a few words without the file's name. */
  public static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException e -> "no such file or directory";
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e -> "it exists already, and --force was not given";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default -> oneLine(cause);
    };
  }

  private static String oneLine(Throwable cause) {
    String text = cause.getMessage();
    if (text == null || text.isBlank()) {
      return cause.getClass().getSimpleName();
    }
    return text.lines().findFirst().orElse(text);
  }
}
