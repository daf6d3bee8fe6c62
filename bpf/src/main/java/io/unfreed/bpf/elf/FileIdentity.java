package io.unfreed.bpf.elf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What tells one file from another and from one that gets its inode number later, whatever path led
 * to it: a compiler that writes a program again and again gets the same numbers.
 */
public final class FileIdentity {
  private FileIdentity() {}

  /** The path itself for a file that cannot be looked at. */
  public static String of(Path file) {
    try {
      Map<String, Object> facts = Files.readAttributes(file, "unix:dev,ino,size,ctime");
      return facts.get("dev")
          + ":"
          + facts.get("ino")
          + ":"
          + facts.get("size")
          + ":"
          + facts.get("ctime");
    } catch (IOException gone) {
      return file.toString();
    }
  }
}
