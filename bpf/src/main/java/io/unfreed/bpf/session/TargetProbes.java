package io.unfreed.bpf.session;

import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.NativePath;
import io.unfreed.bpf.probe.Attachment;
import io.unfreed.bpf.probe.ProbePlan;
import io.unfreed.bpf.symbols.MappedObject;
import io.unfreed.bpf.symbols.ProcessMaps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The probes of one process: which objects have them, and adding those of new objects. */
final class TargetProbes implements AutoCloseable {
  private final BpfObject bpf;
  private final LiveSessionConfig config;
  private final int tgid;
  private final boolean together;
  private final Set<String> seen = new HashSet<>();
  private final List<Attachment> attachments = new ArrayList<>();

  TargetProbes(BpfObject bpf, LiveSessionConfig config, boolean together, int tgid) {
    this.bpf = bpf;
    this.config = config;
    this.together = together;
    this.tgid = tgid;
  }

  /** Probes every mapped object that has not been looked at yet. */
  synchronized AttachReport attachMapped() throws IOException {
    List<String> probed = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (MappedObject object : ProcessMaps.read(tgid).objects()) {
      if (config.wants(NativePath.of(object.path())) && seen.add(identity(object))) {
        attachObject(object.openable(), object.path(), probed, notes);
      }
    }
    return new AttachReport(tgid, System.nanoTime(), probed, notes);
  }

  /** Probes files the process will map after its next exec. */
  synchronized AttachReport attachFiles(List<Path> files) {
    List<String> probed = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Path file : files) {
      if (config.wants(file) && seen.add(identity(file))) {
        attachObject(file, file.toString(), probed, notes);
      }
    }
    return new AttachReport(tgid, System.nanoTime(), probed, notes);
  }

  /**
   * Probes everything anew, for a process whose first thread was replaced by another's exec: the
   * kernel keeps its probes with the task that is gone.
   */
  synchronized AttachReport attachAnew() throws IOException {
    List<Attachment> stale = List.copyOf(attachments);
    attachments.clear();
    seen.clear();
    AttachReport report = attachMapped();
    stale.forEach(Attachment::close);
    return report;
  }

  private void attachObject(Path file, String shown, List<String> probed, List<String> notes) {
    try {
      ProbePlan plan = ProbePlan.of(file, config.symbolsPrefix());
      if (plan.isEmpty()) {
        return;
      }
      Attachment made =
          together
              ? Attachment.attachTogether(bpf, plan, tgid)
              : Attachment.attach(bpf, plan, tgid);
      attachments.add(made);
      plan.spots().forEach(spot -> probed.add(spot.symbol() + " [" + shown + "]"));
      notes.addAll(made.failures());
    } catch (BpfPermissionException refused) {
      throw refused;
    } catch (IOException | RuntimeException unreadable) {
      notes.add(shown + " is not probed: " + unreadable.getMessage());
    }
  }

  /**
   * An object is probed once, whether found as a file or in the maps. By inode and name: the device
   * that stat(2) tells differs from that in the maps on some file systems (btrfs, overlayfs).
   */
  private static String identity(Path file) {
    try {
      Path real = file.toRealPath();
      long inode = ((Number) Files.getAttribute(real, "unix:ino")).longValue();
      return inode + ":" + real.getFileName();
    } catch (IOException gone) {
      return file.toString();
    }
  }

  private static String identity(MappedObject object) {
    return object.inode() + ":" + NativePath.of(object.path()).getFileName();
  }

  @Override
  public synchronized void close() {
    attachments.forEach(Attachment::close);
    attachments.clear();
  }
}
