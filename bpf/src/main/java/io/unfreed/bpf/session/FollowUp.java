package io.unfreed.bpf.session;

import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.ProcessCursor;
import io.unfreed.bpf.ring.RecordHandler;
import io.unfreed.bpf.ring.StackCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Acts on process records in passing: probes new objects and children, and drops the probes of what
 * has exited. Attaching takes milliseconds, so it happens on a thread of its own, in order.
 */
final class FollowUp implements RecordHandler, AutoCloseable {
  private final LiveSession session;
  private final CoverageBook coverage;
  private final boolean followChildren;
  private final ConcurrentLinkedQueue<AttachReport> reports = new ConcurrentLinkedQueue<>();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "unfreed-attach");
        thread.setDaemon(true);
        return thread;
      });
  private RecordHandler next;

  FollowUp(LiveSession session, CoverageBook coverage, boolean followChildren) {
    this.session = session;
    this.coverage = coverage;
    this.followChildren = followChildren;
  }

  RecordHandler around(RecordHandler handler) {
    next = handler;
    return this;
  }

  List<AttachReport> takeReports() {
    List<AttachReport> taken = new ArrayList<>();
    for (AttachReport r = reports.poll(); r != null; r = reports.poll()) {
      taken.add(r);
    }
    return taken;
  }

  @Override
  public void onEvent(EventCursor event) {
    next.onEvent(event);
  }

  @Override
  public void onStack(StackCursor stack) {
    next.onStack(stack);
  }

  /**
   * What is held goes on when its probes are in, and may unmap the object at once: those who name
   * its code look first.
   */
  @Override
  public void onProcess(ProcessCursor process) {
    boolean isHeld = process.kind() == ProcessCursor.HELD;
    if (isHeld) {
      next.onProcess(process);
    }
    if (!worker.isShutdown()) {
      schedule(process);
    }
    if (!isHeld) {
      next.onProcess(process);
    }
  }

  private void schedule(ProcessCursor process) {
    int tgid = process.tgid();
    int other = process.other();
    switch (process.kind()) {
      case ProcessCursor.FORK -> {
        if (followChildren) {
          coverage.forked(process);
          if (!process.forkIsProbed()) {
            submit(() -> session.attachChild(other));
          }
        }
      }
      case ProcessCursor.EXEC -> {
        boolean unseen = coverage.execed(process);
        exec(tgid, other, unseen ? process.program() : null);
      }
      case ProcessCursor.MODULES -> {
        if (!session.isShared()) {
          submit(() -> session.attachAgain(tgid, false));
        }
      }
      case ProcessCursor.HELD -> submit(() -> session.attachHeld(tgid));
      case ProcessCursor.LET_GO -> {
        coverage.letGo(process);
        submit(() -> session.attachLetGo(tgid));
      }
      case ProcessCursor.EXIT -> {
        coverage.exited(tgid);
        submit(() -> {
          session.forget(tgid);
          return Optional.empty();
        });
      }
      default -> {
        // VFORK: the child runs in its parent's address space, which has its probes.
      }
    }
  }

  /** What an exec needs; unseen is its program if nothing will hold it, else null. */
  private void exec(int tgid, int byThread, byte[] unseen) {
    submit(() -> {
      session.forgetBlocks(tgid);
      session.learnUnheld(tgid);
      if (session.isShared()) {
        return unseen != null
            ? session.attachUnseen(tgid, unseen)
            : byThread != tgid ? session.attachAgain(tgid, true) : Optional.empty();
      }
      Optional<AttachReport> again = session.attachAgain(tgid, byThread != tgid);
      return again.isPresent() || !followChildren ? again : session.attachChild(tgid);
    });
  }

  private void submit(java.util.function.Supplier<Optional<AttachReport>> task) {
    worker.execute(() -> {
      try {
        task.get().ifPresent(reports::add);
      } catch (RuntimeException failed) {
        reports.add(
            new AttachReport(0, System.nanoTime(), List.of(), List.of(failed.getMessage())));
      }
    });
  }

  @Override
  public void close() {
    worker.shutdown();
    try {
      if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
        worker.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      worker.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
