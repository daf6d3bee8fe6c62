package io.unfreed.browser;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.TraceRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A trace whose processes, locks and functions have names that are written to run in a browser. */
final class HostileTrace {
  static final String PROCESS = "<script>alert(1)</script>";
  static final String LOCK = "<img src=x onerror=alert(2)></script>";
  static final String FUNCTION = "</ol><b onclick=alert(3)>wait</b>";

  private static final long SECOND = 1_000_000_000L;

  private HostileTrace() {}

  static void write(Path file) throws IOException {
    StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("ab", 0x10L)));
    Frame frame =
        Frame.newBuilder()
            .setSymbol(FUNCTION)
            .setModule("/lib/<svg onload=alert(4)>.so")
            .setAddress(0x10L)
            .build();
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(
          Session.newBuilder()
              .setSessionId("hostile")
              .setSource(Source.EBPF)
              .setCommand("trace locks of <script>alert(5)</script>")
              .setHost("<script>alert(6)</script>")
              .setStartedEpochNanos(1_769_859_922_000_000_000L)
              .setTickNanos(SECOND)
              .setProbes(List.of(TraceRules.probe("locks")))
              .build());
      capture.stack(new CallStack(id.toHash(), Quality.SYMBOLS, List.of(frame)));
      for (int tick = 1; tick <= 4; tick++) {
        capture.trace(statement("7", "locks.futex.1.0", tick).setRow(row(id, tick)).build());
        capture.trace(statement(TraceRules.WHOLE, "locks", tick).setHead(head(tick)).build());
      }
    }
  }

  private static TraceStatement.Builder statement(String incarnation, String probe, int tick) {
    return TraceStatement.newBuilder()
        .setSession("hostile")
        .setIncarnation(incarnation)
        .setProbe(probe)
        .setSequence(tick - 1)
        .setTick(tick)
        .setAtNanos(tick * SECOND);
  }

  private static TraceRow row(StackId id, int tick) {
    return TraceRow.newBuilder()
        .setKind(TraceKind.FUTEX)
        .setSubject(1)
        .setDetail(0)
        .setTgid(7)
        .setComm(PROCESS)
        .setName(LOCK)
        .setStackId(id.toHash())
        .setCount(tick)
        .setTotalNanos(3_000L * tick)
        .setMaxNanos(3_000)
        .setSlots(List.of(0L, (long) tick))
        .build();
  }

  private static TraceHead head(int tick) {
    SlowCall slow =
        SlowCall.newBuilder()
            .setKind(TraceKind.IO_QUEUED)
            .setSubject(1)
            .setDetail(0)
            .setName(LOCK)
            .setTgid(7)
            .setTid(7)
            .setComm(PROCESS)
            .setEndedMonotonicNanos(tick)
            .setNanos(3_000)
            .setResult(0)
            .build();
    return TraceHead.newBuilder()
        .setStatements(2L * tick)
        .setEnded(tick == 4)
        .setTold(false)
        .setMapFull(tick == 4 ? 5 : 0)
        .setUnpaired(0)
        .setQueueFull(0)
        .setSkipped(0)
        .setWarnNanos(SECOND)
        .setSuspectAbove(10)
        .setSlow(List.of(slow))
        .build();
  }
}
