package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * {@code spawn.h}, {@code unistd.h} and {@code sys/wait.h}: a child of our own making with two
 * extra pipes, which ProcessBuilder cannot give. The child has our caller's standard streams, our
 * environment and directory, an empty signal mask, and the pipes as {@link #READY_FD} and {@link
 * #GATE_FD}.
 */
public final class SpawnedProcess {
  /** Numbers of the descriptors that the launcher found open, separated by commas. */
  private static final String INHERITED_PROPERTY = "unfreed.inherited";

  /**
   * And of the standard ones, those that it found closed and opened, lest files of ours be these.
   */
  private static final Set<String> CLOSED =
      Set.of(System.getProperty("unfreed.closed", "").split(",", -1));

  private static final int MOST_STANDARD_FD = 2;

  /**
   * The child reads here; end of file when this process is gone. Nobody's, of one digit if it can
   * be.
   */
  public static final int GATE_FD = freeBelow(10);

  /** The child writes here. */
  public static final int READY_FD = freeBelow(GATE_FD > 9 ? 10 : GATE_FD);

  private static final int ABOVE_CHILD_FDS = Math.max(GATE_FD, READY_FD) + 1;

  private static final int O_CLOEXEC = 0x80000;
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final short POSIX_SPAWN_SETSIGMASK = 8;

  private static final MethodHandle SPAWN =
      bind(
          LibC.LIB,
          "posix_spawn",
          of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle ACTIONS_INIT =
      bind(LibC.LIB, "posix_spawn_file_actions_init", of(JAVA_INT, ADDRESS));
  private static final MethodHandle ACTIONS_DUP2 =
      bind(LibC.LIB, "posix_spawn_file_actions_adddup2", of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACTIONS_CLOSE =
      bind(LibC.LIB, "posix_spawn_file_actions_addclose", of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle ACTIONS_DESTROY =
      bind(LibC.LIB, "posix_spawn_file_actions_destroy", of(JAVA_INT, ADDRESS));
  private static final MethodHandle ATTRIBUTES_INIT =
      bind(LibC.LIB, "posix_spawnattr_init", of(JAVA_INT, ADDRESS));
  private static final MethodHandle ATTRIBUTES_FLAGS =
      bind(
          LibC.LIB,
          "posix_spawnattr_setflags",
          of(JAVA_INT, ADDRESS, java.lang.foreign.ValueLayout.JAVA_SHORT));
  private static final MethodHandle PIPE2 =
      bind(LibC.LIB, "pipe2", of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FCNTL =
      bind(
          LibC.LIB,
          "fcntl",
          of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle READ =
      bind(LibC.LIB, "read", of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      bind(LibC.LIB, "write", of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle CLOSE = bind(LibC.LIB, "close", of(JAVA_INT, JAVA_INT));
  private static final MethodHandle WAITPID =
      bind(LibC.LIB, "waitpid", of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), Errno.CAPTURE);

  private final int pid;
  private final int ready;
  private int gate;

  private SpawnedProcess(int pid, int ready, int gate) {
    this.pid = pid;
    this.ready = ready;
    this.gate = gate;
  }

  /**
   * Starts a program that is in no file.
   *
   * @throws IOException also where the system lets nobody run memory (vm.memfd_noexec)
   */
  public static SpawnedProcess start(byte[] program, List<String> arguments) throws IOException {
    try (MemoryFile file = MemoryFile.holding(arguments.getFirst(), program)) {
      return start(file.path().toString(), arguments);
    }
  }

  /**
   * Starts a program. Of our descriptors it has those that we were started with, as the launcher
   * noted them: what this process opened itself is nobody else's.
   */
  public static SpawnedProcess start(String program, List<String> arguments) throws IOException {
    keepOwnDescriptors();
    try (Arena arena = Arena.ofConfined()) {
      int[] readyPipe = pipe(arena);
      int[] gatePipe = pipe(arena);
      MemorySegment actions = arena.allocate(256, 8); // glibc: 80 bytes
      MemorySegment attributes = arena.allocate(1024, 8); // glibc: 336 bytes, its mask empty
      MemorySegment pid = arena.allocate(JAVA_INT);
      int ok = (int) ACTIONS_INIT.invokeExact(actions);
      ok |= (int) ACTIONS_DUP2.invokeExact(actions, readyPipe[1], READY_FD);
      ok |= (int) ACTIONS_DUP2.invokeExact(actions, gatePipe[0], GATE_FD);
      for (int standard = 0; standard <= MOST_STANDARD_FD; standard++) {
        if (CLOSED.contains(Integer.toString(standard))) {
          ok |= (int) ACTIONS_CLOSE.invokeExact(actions, standard);
        }
      }
      ok |= (int) ATTRIBUTES_INIT.invokeExact(attributes);
      ok |= (int) ATTRIBUTES_FLAGS.invokeExact(attributes, POSIX_SPAWN_SETSIGMASK);
      MemorySegment argv = arena.allocate(ADDRESS, arguments.size() + 1L);
      for (int i = 0; i < arguments.size(); i++) {
        argv.setAtIndex(ADDRESS, i, arena.allocateFrom(arguments.get(i)));
      }
      MemorySegment environ =
          LibC.LIB.findOrThrow("environ").reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
      int error =
          ok != 0
              ? ok
              : (int)
                  SPAWN.invokeExact(
                      pid, arena.allocateFrom(program), actions, attributes, argv, environ);
      int ignored = (int) ACTIONS_DESTROY.invokeExact(actions);
      closeFd(readyPipe[1]);
      closeFd(gatePipe[0]);
      if (error != 0) {
        closeFd(readyPipe[0]);
        closeFd(gatePipe[1]);
        throw new IOException("starting " + program + " failed: " + Errno.describe(error));
      }
      return new SpawnedProcess(pid.get(JAVA_INT, 0), readyPipe[0], gatePipe[1]);
    } catch (IOException failed) {
      throw failed;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Shells know numbers of one digit only; where all are somebody's, a program takes others. */
  private static int freeBelow(int end) {
    Set<String> inherited = Set.of(System.getProperty(INHERITED_PROPERTY, "").split(",", -1));
    for (int number = end - 1; number > MOST_STANDARD_FD; number--) {
      if (!inherited.contains(Integer.toString(number))) {
        return number;
      }
    }
    int number = end == 10 ? 10 : GATE_FD + 1;
    while (inherited.contains(Integer.toString(number)) || number == GATE_FD) {
      number++;
    }
    return number;
  }

  private static void keepOwnDescriptors() throws IOException {
    String noted = System.getProperty(INHERITED_PROPERTY);
    if (noted == null) {
      return; // not started by the launcher: nobody knows which are ours
    }
    Set<String> inherited = Set.of(noted.split(",", -1));
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : open) {
        String number = descriptor.getFileName().toString();
        if (Integer.parseInt(number) > MOST_STANDARD_FD && !inherited.contains(number)) {
          // The directory's own is in the list, too, and gone by then: no error that matters.
          int ignored = (int) FCNTL.invokeExact(Integer.parseInt(number), F_SETFD, FD_CLOEXEC);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public int pid() {
    return pid;
  }

  /** Blocks until the child has written a byte; false when it ended without. */
  public boolean awaitReady() {
    try (Arena arena = Arena.ofConfined()) {
      long read = (long) READ.invokeExact(ready, arena.allocate(1), 1L);
      closeFd(ready);
      return read == 1;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Lets the child go on. */
  public synchronized void openGate() {
    try (Arena arena = Arena.ofConfined()) {
      if (gate >= 0) {
        long written = (long) WRITE.invokeExact(gate, arena.allocateFrom("\n"), 1L);
        assert written == 1;
        closeGate();
      }
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Without having opened it: the child ends. */
  public synchronized void closeGate() {
    if (gate >= 0) {
      closeFd(gate);
      gate = -1;
    }
  }

  /** Waits for the child's end, once; its exit status, or 128 and the number of its signal. */
  public int waitFor() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      MemorySegment status = arena.allocate(JAVA_INT);
      int waited;
      do {
        waited = (int) WAITPID.invokeExact(errno, pid, status, 0);
      } while (waited < 0 && Errno.of(errno) == Errno.EINTR);
      int value = status.get(JAVA_INT, 0);
      int signal = value & 0x7f;
      return signal != 0 ? 128 + signal : value >> 8 & 0xff;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static int[] pipe(Arena arena) throws Throwable {
    MemorySegment fds = arena.allocate(JAVA_INT, 2);
    if ((int) PIPE2.invokeExact(fds, O_CLOEXEC) != 0) {
      throw new IOException("no pipe can be made");
    }
    return new int[] {above(fds.getAtIndex(JAVA_INT, 0)), above(fds.getAtIndex(JAVA_INT, 1))};
  }

  /** Moves a descriptor out of the way of the numbers the child uses. */
  private static int above(int fd) throws Throwable {
    int moved = (int) FCNTL.invokeExact(fd, F_DUPFD_CLOEXEC, ABOVE_CHILD_FDS);
    closeFd(fd);
    return moved;
  }

  private static void closeFd(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
