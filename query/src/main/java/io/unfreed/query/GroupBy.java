package io.unfreed.query;

import io.unfreed.streams.window.BlockQuestion.Dimension;

/**
 * What blocks are grouped by.
 *
 * @param kind what they have in common in a group
 * @param callers for {@link Kind#CALLER}: how many frames above the one that allocates
 */
public record GroupBy(Kind kind, int callers) {
  /** Kinds of groups. */
  public enum Kind {
    /** The stack that allocated them, and their space. */
    STACK("stack"),
    /** The function so many frames above the one that allocates. */
    CALLER("caller"),
    /** The function that allocates. */
    FUNCTION("function"),
    /** The source file of the function that allocates. */
    FILE("file"),
    /** The module of the function that allocates. */
    MODULE("module"),
    /** The thread that allocated them. */
    THREAD("thread"),
    /** The size they were allocated with. */
    SIZE("size"),
    /** Their address space. */
    SPACE("space"),
    /** Their process. */
    PROCESS("process"),
    /** The stack that freed them. */
    FREE_STACK("free-stack");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** The name in options and reports. */
    public String label() {
      return label;
    }
  }

  /** By stack. */
  public static final GroupBy STACK = new GroupBy(Kind.STACK, 0);

  /**
   * Reads an option.
   *
   * @throws UsageException when there is no such group
   */
  public static GroupBy of(String text) {
    for (Kind kind : Kind.values()) {
      if (kind != Kind.CALLER && kind.label.equals(text)) {
        return new GroupBy(kind, 0);
      }
    }
    if (text.matches("caller:\\d{1,4}")) {
      return new GroupBy(Kind.CALLER, Integer.parseInt(text.substring("caller:".length())));
    }
    throw new UsageException(
        "--group-by "
            + text
            + ": none of stack, caller:N, function, file, module, thread, size, space, process,"
            + " free-stack");
  }

  /** What the ledgers have to tell apart for it. */
  public Dimension dimension() {
    return switch (kind) {
      case THREAD -> Dimension.THREAD;
      case SIZE -> Dimension.SIZE;
      case FREE_STACK -> Dimension.RELEASER;
      case STACK, CALLER, FUNCTION, FILE, MODULE, SPACE, PROCESS -> Dimension.NONE;
    };
  }

  /** The name in options and reports. */
  public String label() {
    return kind == Kind.CALLER ? kind.label + ":" + callers : kind.label;
  }
}
