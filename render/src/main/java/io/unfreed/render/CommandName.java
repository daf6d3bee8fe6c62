package io.unfreed.render;

import io.unfreed.schemas.text.Printable;

/** How a process is called where its whole command line is too much. */
public final class CommandName {
  private CommandName() {}

  /**
   * The last part of the first word's path. Recordings join arguments by spaces, so a program whose
   * path has spaces is called by what stands before the first.
   *
   * @param command may be null
   */
  public static String of(String command) {
    if (command == null || command.isBlank()) {
      return "unknown";
    }
    String program = command.strip().split("\\s", 2)[0];
    String name = program.substring(program.lastIndexOf('/') + 1);
    return Printable.of(name.isEmpty() ? program : name);
  }
}
