package io.unfreed.bpf.ring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A process's change of life; valid only during {@link RecordHandler#onProcess}. */
public final class ProcessCursor {
  /** {@link #other} is the child's tgid. */
  public static final int FORK = 1;

  /** {@link #other} is the child's tgid; its events are the parent's until it execs. */
  public static final int VFORK = 2;

  /** {@link #other} is the tid that called exec. */
  public static final int EXEC = 3;

  /** The last thread is gone; {@link #status} as wait(2) has it. */
  public static final int EXIT = 4;

  /** The dynamic linker is mapping or unmapping objects, or has just done so. */
  public static final int MODULES = 5;

  /** As {@link #MODULES}; its thread waits until somebody has looked at the new objects. */
  public static final int HELD = 6;

  /** It waited in vain. */
  public static final int LET_GO = 7;

  private static final int LINKED = 1;
  private static final int KNOWN = 2;
  private static final int RECORDING = 3;

  private MemorySegment data;
  private long at;

  ProcessCursor() {}

  void wrap(MemorySegment data, long at) {
    this.data = data;
    this.at = at;
  }

  public int tgid() {
    return data.get(JAVA_INT, at + RecordLayout.HEADER_TGID);
  }

  /** CLOCK_MONOTONIC. */
  public long timeNanos() {
    return data.get(JAVA_LONG, at + RecordLayout.PROCESS_TIME);
  }

  /** When the process started, in nanoseconds of CLOCK_BOOTTIME; of the child for a fork. */
  public long startNanos() {
    return data.get(JAVA_LONG, at + RecordLayout.PROCESS_START);
  }

  public int kind() {
    return data.get(JAVA_INT, at + RecordLayout.PROCESS_KIND);
  }

  public int other() {
    return data.get(JAVA_INT, at + RecordLayout.PROCESS_OTHER);
  }

  public int status() {
    return data.get(JAVA_INT, at + RecordLayout.PROCESS_STATUS);
  }

  /** Whether the child of a fork has its parent's probes. */
  public boolean forkIsProbed() {
    return status() == RECORDING;
  }

  /** Whether an exec's image is probed, or will be held by its dynamic linker until it is. */
  public boolean execIsProbed() {
    return (status() & (LINKED | KNOWN)) != 0;
  }

  /** Which file an exec runs, as the kernel side knows files. */
  public byte[] program() {
    return data.asSlice(at + RecordLayout.EXEC_PROGRAM, RecordLayout.PROGRAM_BYTES)
        .toArray(JAVA_BYTE);
  }

  /**
   * The command line of an exec, arguments joined by spaces, as the kernel has it at that moment;
   * ends with dots where it is longer than a record; empty when it could not be read.
   */
  public Optional<String> commandLine() {
    int bytes = data.get(JAVA_INT, at + RecordLayout.EXEC_ARGS_BYTES);
    if (kind() != EXEC || bytes == 0) {
      return Optional.empty();
    }
    boolean cut = bytes < 0 || bytes >= RecordLayout.ARGS_BYTES;
    int kept = cut ? RecordLayout.ARGS_BYTES - 1 : bytes;
    byte[] text = data.asSlice(at + RecordLayout.EXEC_ARGS, kept).toArray(JAVA_BYTE);
    String line = new String(text, StandardCharsets.UTF_8).replace('\0', ' ').strip();
    return Optional.of(cut ? line + "..." : line).filter(l -> !l.isEmpty());
  }

  /** The generation of the address space after this change. */
  public int generation() {
    return data.get(JAVA_INT, at + RecordLayout.PROCESS_GENERATION);
  }

  /** The short name of the thread concerned, of the child for a fork; allocates. */
  public String comm() {
    byte[] name =
        data.asSlice(at + RecordLayout.PROCESS_COMM, RecordLayout.COMM_BYTES).toArray(JAVA_BYTE);
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, StandardCharsets.UTF_8);
  }
}
