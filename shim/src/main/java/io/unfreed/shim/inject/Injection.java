package io.unfreed.shim.inject;

import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;

/** The library in one running process, attached. */
public final class Injection {
  private final TargetProcess process;
  private final String startTime;
  private final byte[] library;
  private final InjectionConfig config;
  private boolean detached;

  private Injection(
      TargetProcess process, String startTime, byte[] library, InjectionConfig config) {
    this.process = process;
    this.startTime = startTime;
    this.library = library;
    this.config = config;
  }

  /**
   * Stops a thread of the process at a safe place, loads the library and calls its {@code int
   * unfreed_shim_attach(int arena_fd)}, which answers 0 or -errno.
   *
   * @param tgid in this process's view of process ids
   * @param library the library's file; a copy that is in the process already, idle, is used again
   */
  public static Injection into(int tgid, byte[] library, ArenaMaker arena)
      throws InjectionRefusedException {
    return into(tgid, library, arena, InjectionConfig.DEFAULT);
  }

  /** As {@link #into(int, byte[], ArenaMaker)}. */
  public static Injection into(int tgid, byte[] library, ArenaMaker arena, InjectionConfig config)
      throws InjectionRefusedException {
    TargetProcess process = new TargetProcess(tgid);
    String startTime = startTime(process);
    TracerThread.run(
        process,
        () -> {
          try (RemoteSession session = RemoteSession.toAttach(process, library, config)) {
            session.attach(arena);
          }
        });
    return new Injection(process, startTime, library, config);
  }

  public int tgid() {
    return process.tgid();
  }

  /**
   * Calls the library's {@code int unfreed_shim_detach(void)} the same safe way. The library stays
   * loaded, idle. Nothing happens when it was detached before, or when the process has ended or
   * begun another program.
   */
  public synchronized void detach() throws InjectionRefusedException {
    if (detached || isGone()) {
      detached = true;
      return;
    }
    try {
      TracerThread.run(
          process,
          () -> {
            try (RemoteSession session = RemoteSession.toDetach(process, library, config)) {
              session.detach();
            }
          });
    } catch (InjectionRefusedException refused) {
      if (!isGone()) {
        throw refused;
      }
    }
    detached = true;
  }

  private boolean isGone() {
    return startTime.isEmpty() || !startTime.equals(startTime(process));
  }

  /** Field 22 of /proc/PID/stat; empty when there is no such process, or only its zombie. */
  private static String startTime(TargetProcess process) {
    try {
      String stat = ProcText.read(process.path("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return fields[0].equals("Z") ? "" : fields[19];
    } catch (IOException gone) {
      return "";
    }
  }
}
