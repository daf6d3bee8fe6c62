package io.unfreed.shim.inject;

import io.unfreed.bpf.ffi.Errno;
import io.unfreed.bpf.ffi.SystemCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** One borrowed thread and what it is asked to do; closing gives it back. */
final class RemoteSession implements AutoCloseable {
  private static final int CLOSE = 3;
  private static final int MEMFD_CREATE = 319;
  private static final int MFD_CLOEXEC = 1;

  /** Since Linux 6.3; without it vm.memfd_noexec = 2 refuses. It does not hinder mapping code. */
  private static final int MFD_NOEXEC_SEAL = 8;

  private static final int RTLD_NOW = 2;
  private static final int EINVAL = 22;
  private static final int EBUSY = 16;
  private static final int EALREADY = 114;

  private final TargetProcess process;
  private final TargetMap target;
  private final byte[] library;
  private final InjectionConfig config;
  private final BorrowedThread thread;
  private long errnoAddress;
  private int errno;
  private boolean lost;

  private RemoteSession(
      TargetProcess process,
      TargetMap target,
      byte[] library,
      InjectionConfig config,
      BorrowedThread thread) {
    this.process = process;
    this.target = target;
    this.library = library;
    this.config = config;
    this.thread = thread;
  }

  /** For {@link #attach}. */
  static RemoteSession toAttach(TargetProcess process, byte[] library, InjectionConfig config)
      throws IOException, InjectionRefusedException {
    long loaderBase = Admission.loaderBase(process);
    Admission.checkAllThreads(process, config);
    TargetMap target = TargetMap.of(process, loaderBase);
    LoadedLibrary.check(target, library);
    return open(process, target, library, config);
  }

  /** For {@link #detach}, which asks less: what was attached to is to be left whatever it does. */
  static RemoteSession toDetach(TargetProcess process, byte[] library, InjectionConfig config)
      throws IOException, InjectionRefusedException {
    TargetMap target = TargetMap.of(process, Admission.loaderBase(process));
    Admission.checkSomeThread(process, config);
    return open(process, target, library, config);
  }

  private static RemoteSession open(
      TargetProcess process, TargetMap target, byte[] library, InjectionConfig config)
      throws IOException, InjectionRefusedException {
    Tracee stopped = SafePlace.stopThread(process, target, config);
    BorrowedThread thread = BorrowedThread.take(target, stopped, config.call());
    RemoteSession session = new RemoteSession(process, target, library, config, thread);
    try {
      session.keepErrno();
    } catch (IOException | InjectionRefusedException | RuntimeException failed) {
      session.close();
      throw failed;
    }
    return session;
  }

  /** Loads the library unless it is there, makes the arena and tells the library of it. */
  void attach(ArenaMaker maker) throws IOException, InjectionRefusedException {
    Optional<RemoteObject> loaded = LoadedLibrary.find(target, library);
    RemoteObject object = loaded.isPresent() ? loaded.get() : load();
    long attach = function(object, "unfreed_shim_attach");
    int fd = memfd("unfreed-arena");
    try {
      withTheirs(fd, ours -> maker.make(ours));
      int result = (int) call("the library's attach function", attach, fd);
      if (result == -EBUSY || result == -EALREADY) {
        throw new InjectionRefusedException(
            "it is recorded by Unfreed already, or its recorder was killed less than 30 s ago");
      }
      if (result != 0) {
        throw new InjectionRefusedException(
            "the library could not begin: " + Errno.describe(-result));
      }
    } finally {
      closeTheirs(fd);
    }
  }

  void detach() throws IOException, InjectionRefusedException {
    Optional<RemoteObject> loaded = LoadedLibrary.find(target, library);
    if (loaded.isEmpty()) {
      // Another program by now.
      return;
    }
    int result =
        (int) call("the library's detach function", function(loaded.get(), "unfreed_shim_detach"));
    if (result != 0) {
      throw new InjectionRefusedException("the library could not end: " + Errno.describe(-result));
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (!lost && errnoAddress != 0) {
        target.memory().writeU32(errnoAddress, errno);
      }
    } finally {
      if (!lost) {
        thread.giveBack();
      }
      thread.close();
    }
  }

  private void keepErrno() throws IOException, InjectionRefusedException {
    Optional<Long> location = target.libc("__errno_location");
    if (location.isPresent()) {
      errnoAddress = call("__errno_location", location.get());
      errno = target.memory().u32(errnoAddress);
    }
  }

  private RemoteObject load() throws IOException, InjectionRefusedException {
    long dlopen = target.dlopen();
    int fd = memfd("unfreed-shim");
    try {
      withTheirs(fd, this::writeLibrary);
      long name = thread.putString(LoadedLibrary.pathFor(target, fd));
      long handle = call("dlopen", dlopen, name, RTLD_NOW);
      if (handle == 0) {
        throw new InjectionRefusedException("it cannot load the library: " + dlerror());
      }
      // A handle of glibc is its struct link_map.
      return LoadedLibrary.ofLinkMap(target.memory(), handle);
    } finally {
      closeTheirs(fd);
    }
  }

  private String dlerror() throws IOException, InjectionRefusedException {
    Optional<Long> dlerror = target.libc("dlerror");
    long text = dlerror.isPresent() ? call("dlerror", dlerror.get()) : 0;
    return text == 0 ? "dlopen does not say why" : target.memory().string(text);
  }

  private static long function(RemoteObject object, String name)
      throws IOException, InjectionRefusedException {
    return object
        .symbol(name)
        .orElseThrow(() -> new InjectionRefusedException("the library has no " + name));
  }

  private int memfd(String name) throws IOException, InjectionRefusedException {
    long text = thread.putString(name);
    long fd = thread.systemCall(MEMFD_CREATE, text, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (fd == -EINVAL) {
      fd = thread.systemCall(MEMFD_CREATE, text, MFD_CLOEXEC);
    }
    if (fd < 0) {
      throw new InjectionRefusedException(
          "it may create no memfd: "
              + Errno.describe((int) -fd)
              + (fd == -Errno.EACCES ? ", see vm.memfd_noexec" : ""));
    }
    return (int) fd;
  }

  private void closeTheirs(int fd) throws IOException {
    if (!lost) {
      thread.systemCall(CLOSE, fd);
    }
  }

  /** Does something with a descriptor of theirs as one of ours. */
  private void withTheirs(int theirs, ArenaMaker action)
      throws IOException, InjectionRefusedException {
    int pidfd = checked("pidfd_open", SystemCall.pidfdOpen(process.tgid()));
    int ours;
    try {
      ours = checked("pidfd_getfd", SystemCall.pidfdGetfd(pidfd, theirs));
    } finally {
      SystemCall.close(pidfd);
    }
    try {
      action.make(ours);
    } finally {
      SystemCall.close(ours);
    }
  }

  private static int checked(String what, long result) throws InjectionRefusedException {
    if (result < 0) {
      throw new InjectionRefusedException(
          what + " failed: " + Errno.describe((int) -result) + " (it needs Linux 5.6)");
    }
    return (int) result;
  }

  private void writeLibrary(int fd) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, library);
      for (long at = 0; at < library.length; ) {
        long written = SystemCall.write(fd, bytes.asSlice(at));
        if (written <= 0) {
          throw new IOException("writing the library failed: " + Errno.describe((int) -written));
        }
        at += written;
      }
    }
  }

  /** A call that does not return, or faults, is a refusal; the thread is left safe. */
  private long call(String name, long function, long... arguments)
      throws IOException, InjectionRefusedException {
    try {
      return thread.call(function, arguments);
    } catch (BorrowedThread.CallTimeoutException late) {
      lost = true;
      thread.abandon();
      throw new InjectionRefusedException(
          name
              + " has not returned within "
              + config.call().toSeconds()
              + " s, it waits for a lock, perhaps; its thread goes on by itself when it returns",
          late);
    } catch (BorrowedThread.CallFaultException fault) {
      throw new InjectionRefusedException(
          name + " ended with " + fault.getMessage() + "; its thread goes on where it was", fault);
    } catch (IOException gone) {
      lost = true;
      throw gone;
    }
  }
}
