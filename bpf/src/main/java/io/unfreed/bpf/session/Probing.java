package io.unfreed.bpf.session;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * How the probes get into processes: shared by all, or each process's own on older kernels; or that
 * none is needed.
 */
sealed interface Probing extends AutoCloseable permits SharedProbing, OwnProbing, CallProbing {
  /** Whether children have their parent's probes from their first instruction. */
  boolean isInherited();

  /** Whether a process is recorded, by itself or as a child of one that is. */
  boolean has(int tgid);

  /** A process is to be recorded. */
  void begin(int tgid);

  /**
   * Probes whatever a process maps that has no probes yet.
   *
   * @throws IOException when it is gone
   */
  AttachReport attachMapped(int tgid) throws IOException;

  /** Probes files that a process will map after its next exec. */
  AttachReport attachFiles(int tgid, List<Path> files);

  /**
   * Probes everything a process maps, whatever it had before, if anything: the kernel keeps probes
   * with a task that is gone when another thread execs, and takes them from one that gains
   * privileges.
   */
  AttachReport attachAnew(int tgid) throws IOException;

  /** A process has exited. */
  void forget(int tgid);

  /** Processes whose recording can be paused before the probes go. */
  List<Integer> recorded();

  @Override
  void close();
}
