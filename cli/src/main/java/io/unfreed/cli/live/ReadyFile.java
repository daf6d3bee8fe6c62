package io.unfreed.cli.live;

import io.unfreed.cli.FileNames;
import io.unfreed.query.FailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The file by which a script learns that recording has begun: one line, the session's id and the
 * tgids behind it. It is there whole or not at all, and it stays.
 */
public final class ReadyFile {
  private static final Pattern FORMER = Pattern.compile("[0-9a-f-]{36} [0-9 ]*\n");
  private static final int MOST_BYTES = 1 << 16;

  private final Path file;

  private ReadyFile(Path file) {
    this.file = file;
  }

  /**
   * A file to be written later. One of an earlier recording is removed now: whoever waits must not
   * take it for this recording's.
   *
   * @throws FailedException when it could not be written, or holds something else
   */
  public static ReadyFile at(Path file) {
    Path absolute = file.toAbsolutePath();
    if (absolute.getFileName() == null) {
      throw failed(file, "it is a directory");
    }
    if (!Files.isDirectory(absolute.getParent())) {
      throw failed(file, "there is no directory " + absolute.getParent());
    }
    if (!Files.isWritable(absolute.getParent())) {
      throw failed(file, "the directory " + absolute.getParent() + " is not writable");
    }
    try {
      makeRoom(file);
    } catch (IOException e) {
      throw failed(file, reason(e));
    }
    return new ReadyFile(file);
  }

  private static void makeRoom(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw failed(file, "it exists and is no regular file");
    }
    long sizeBytes = Files.size(file);
    if (sizeBytes > 0) {
      boolean former =
          sizeBytes <= MOST_BYTES
              && FORMER
                  .matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                  .matches();
      if (!former) {
        throw failed(file, "it exists and is no ready file");
      }
      Files.delete(file);
    }
  }

  /**
   * Says that recording has begun. An empty file is replaced.
   *
   * @throws FailedException when it cannot be written; nothing is left behind then
   */
  public void write(String sessionId, List<Integer> tgids) {
    String line =
        tgids.stream().map(String::valueOf).collect(Collectors.joining(" ", sessionId + " ", "\n"));
    Path beside = FileNames.beside(file, ".", "." + ProcessHandle.current().pid() + ".unfreed");
    try {
      try {
        Files.writeString(beside, line, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException e) {
      throw failed(file, reason(e));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "its directory is gone";
      case java.nio.file.FileSystemException f when f.getReason() != null -> f.getReason();
      default -> e.getMessage();
    };
  }

  private static FailedException failed(Path file, String why) {
    return new FailedException("--ready " + file + ": not written: " + why);
  }
}
