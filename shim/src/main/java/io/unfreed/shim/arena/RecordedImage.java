package io.unfreed.shim.arena;

import java.util.Arrays;
import java.util.Optional;

/**
 * A process image as it registered itself: one exec, or a fork of one. Nothing in it has been
 * checked but that it is well formed.
 *
 * @param slot its place in the arena
 * @param pidNamespace inode of the pid namespace whose numbers these are; 0 when it is not known
 * @param startTicks field 22 of /proc/PID/stat; 0 when it could not read that
 * @param nanos CLOCK_MONOTONIC of its registration
 * @param executable path of its program
 * @param arguments of its command line
 * @param becoming the program that a spawned process is about to be; empty for others
 */
public record RecordedImage(
    int slot,
    int tgid,
    int parentTgid,
    Origin origin,
    long pidNamespace,
    long startTicks,
    long nanos,
    String executable,
    String[] arguments,
    String becoming) {

  /** How it came to be. */
  public enum Origin {
    EXEC(1),
    FORK(2),
    ATTACH(3),
    /** Told by its parent, or by itself between vfork and exec: not recorded yet. */
    SPAWN(4);

    private final int code;

    Origin(int code) {
      this.code = code;
    }

    static Optional<Origin> of(int code) {
      return Arrays.stream(values()).filter(origin -> origin.code == code).findFirst();
    }
  }

  /** Whether its numbers are those of a pid namespace. */
  public boolean isOf(long namespace) {
    return pidNamespace == 0 || pidNamespace == namespace;
  }

  /** The same with the number that we know it by. */
  public RecordedImage withTgid(int ours) {
    return new RecordedImage(
        slot,
        ours,
        parentTgid,
        origin,
        pidNamespace,
        startTicks,
        nanos,
        executable,
        arguments,
        becoming);
  }

  /** Its command line; the program when it has none. */
  public String command() {
    return arguments.length == 0 ? executable : String.join(" ", arguments);
  }
}
