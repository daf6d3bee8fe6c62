package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.BpfPermissionException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The tracing file system (Documentation/trace/uprobetracer.rst), mounted for this process alone:
 * fsopen(2), fsmount(2), no directory. Defining a trace event probes nothing yet.
 */
public final class Tracefs implements AutoCloseable {
  private static final long NR_FSOPEN = 430;
  private static final long NR_FSCONFIG = 431;
  private static final long NR_FSMOUNT = 432;
  private static final long CLOEXEC = 1;
  private static final long FSCONFIG_CMD_CREATE = 6;

  private static final MethodHandle SYSCALL =
      bind(
          LibC.LIB,
          "syscall",
          of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1),
          Errno.CAPTURE);

  private final int fd;
  private final Path root;

  private Tracefs(int fd) {
    this.fd = fd;
    this.root = Path.of("/proc/self/fd/" + fd);
  }

  /**
   * @throws BpfException when this kernel has none, or one that cannot define user probes
   */
  public static Tracefs open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom("tracefs");
      int context = call("fsopen of tracefs", NR_FSOPEN, name.address(), CLOEXEC, 0);
      try {
        call("making tracefs", NR_FSCONFIG, context, FSCONFIG_CMD_CREATE, 0);
        Tracefs made = new Tracefs(call("mounting tracefs", NR_FSMOUNT, context, CLOEXEC, 0));
        if (!Files.isWritable(made.root.resolve("uprobe_events"))) {
          made.close();
          throw new BpfException("this kernel has no uprobe_events");
        }
        return made;
      } finally {
        LibC.close(context);
      }
    }
  }

  private static int call(String what, long number, long one, long two, long three) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      long result = (long) SYSCALL.invokeExact(errno, number, one, two, three, 0L, 0L);
      if (result >= 0) {
        return (int) result;
      }
      int error = Errno.of(errno);
      if (error == Errno.EPERM) {
        throw new BpfPermissionException(what);
      }
      throw new BpfException(what + " failed: " + Errno.describe(error));
    } catch (BpfException failed) {
      throw failed;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Adds definitions, one per line; those before a bad one stay. */
  public void define(List<String> lines) throws IOException {
    // One write: every write is a grace period's wait at worst.
    Files.writeString(
        root.resolve("uprobe_events"),
        String.join("\n", lines) + "\n",
        StandardOpenOption.WRITE,
        StandardOpenOption.APPEND);
  }

  public int id(String group, String event) throws IOException {
    return Integer.parseInt(
        Files.readString(root.resolve("events").resolve(group).resolve(event).resolve("id"))
            .strip());
  }

  /** Takes the definitions of a group away, but for those that are in use. */
  public void removeGroup(String group) {
    for (String event : names(root.resolve("events").resolve(group))) {
      if (Files.isDirectory(root.resolve("events").resolve(group).resolve(event))) {
        remove(group, event);
      }
    }
  }

  /** Takes a definition away unless it is in use. */
  public void remove(String group, String event) {
    try {
      define(List.of("-:" + group + "/" + event));
    } catch (IOException inUse) {
      // Its owner is still there, or another removed it.
    }
  }

  public List<String> groups() {
    return names(root.resolve("events"));
  }

  private static List<String> names(Path directory) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (IOException gone) {
      return List.of();
    }
    return names;
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
