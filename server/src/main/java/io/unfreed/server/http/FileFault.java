package io.unfreed.server.http;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Why a file that an option names cannot be used. */
final class FileFault {
  private FileFault() {}

  /** The reason in words; the message of some exceptions is but the file's name. */
  static String reason(Exception e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or directory";
      case AccessDeniedException _ -> "permission denied";
      default -> e.getMessage();
    };
  }
}
