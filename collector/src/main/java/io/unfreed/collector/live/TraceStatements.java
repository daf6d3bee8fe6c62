package io.unfreed.collector.live;

import io.unfreed.bpf.trace.TraceCell;
import io.unfreed.bpf.trace.TraceEvent;
import io.unfreed.bpf.trace.TraceMemory;
import io.unfreed.bpf.trace.TraceSnapshot;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.StackHash;
import io.unfreed.schemas.TraceError;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.GeneratedClasses;
import io.unfreed.schemas.wire.TraceRules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a tracer counted as statements: the rows that changed since they were last stated. */
final class TraceStatements {
  static {
    GeneratedClasses.trust();
  }

  /** Knows what the recording host calls things. */
  interface Names {
    /** Of a lock or a device; null for none. */
    String name(TraceCell.Kind kind, long subject);

    /** Of a wait; null for none. */
    StackHash stack(TraceCell cell);

    /** See {@link io.unfreed.bpf.trace.MemoryTrend#rises}. */
    int rises(int tgid);
  }

  /** A moment that is stated. */
  record Moment(long tick, long atNanos) {}

  private record Stated(TraceRow row, long sequence) {}

  private final String session;
  private final String tracer;
  private final Names names;
  private final Map<String, Stated> rows = new HashMap<>();
  private long heads;
  private long statements;

  /** Nothing is stated yet. */
  TraceStatements(String session, String tracer, Names names) {
    this.session = session;
    this.tracer = tracer;
    this.names = names;
  }

  /** The rows that changed. */
  List<TraceStatement> changed(TraceSnapshot snapshot, Moment at) {
    List<TraceStatement> changed = new ArrayList<>();
    for (TraceCell cell : snapshot.cells()) {
      add(row(cell, snapshot), at, changed);
    }
    for (TraceMemory memory : snapshot.memory()) {
      add(row(memory), at, changed);
    }
    return changed;
  }

  private void add(TraceRow row, Moment at, List<TraceStatement> changed) {
    String probe =
        "%s.%s.%x.%x"
            .formatted(
                tracer,
                row.getKind().name().toLowerCase(Locale.ROOT),
                row.getSubject(),
                row.getDetail());
    String key = row.getTgid() + "/" + probe;
    Stated before = rows.get(key);
    if (before != null && before.row().equals(row)) {
      return;
    }
    long sequence = before == null ? 0 : before.sequence() + 1;
    rows.put(key, new Stated(row, sequence));
    statements++;
    changed.add(
        statement(Integer.toString(row.getTgid()), probe, sequence, at).setRow(row).build());
  }

  /** What is said of the whole, behind the rows of its moment. */
  TraceStatement head(TraceHead.Builder head, Moment at) {
    statements++;
    return statement(TraceRules.WHOLE, tracer, heads++, at)
        .setHead(head.setStatements(statements).build())
        .build();
  }

  private TraceStatement.Builder statement(
      String incarnation, String probe, long sequence, Moment at) {
    return TraceStatement.newBuilder()
        .setSession(session)
        .setIncarnation(incarnation)
        .setProbe(probe)
        .setSequence(sequence)
        .setTick(at.tick())
        .setAtNanos(at.atNanos());
  }

  private TraceRow row(TraceCell cell, TraceSnapshot snapshot) {
    List<TraceError> errors = new ArrayList<>();
    if (cell.kind() == TraceCell.Kind.CALL) {
      snapshot
          .errors()
          .getOrDefault(new TraceSnapshot.ErrorKey(cell.tgid(), cell.subject()), Map.of())
          .forEach((number, count) -> errors.add(new TraceError(number, count)));
    }
    return TraceRow.newBuilder()
        .setKind(kind(cell.kind()))
        .setSubject(cell.subject())
        .setDetail(cell.detail())
        .setTgid(cell.tgid())
        .setComm(cell.comm())
        .setName(names.name(cell.kind(), cell.subject()))
        .setStackId(names.stack(cell))
        .setCount(cell.count())
        .setFailed(cell.errors())
        .setErrors(errors)
        .setTotalNanos(cell.totalNanos())
        .setMaxNanos(cell.maxNanos())
        .setBytes(cell.bytes())
        .setSlots(withoutZerosAtTheEnd(cell.slots()))
        .build();
  }

  private TraceRow row(TraceMemory memory) {
    return TraceRow.newBuilder()
        .setKind(TraceKind.MEMORY)
        .setSubject(0)
        .setDetail(0)
        .setTgid(memory.tgid())
        .setComm(memory.comm())
        .setCount(memory.allocations())
        .setBytes(memory.allocatedBytes())
        .setFrees(memory.frees())
        .setFreedBytes(memory.freedBytes())
        .setRises(names.rises(memory.tgid()))
        .build();
  }

  /** One that took long. */
  SlowCall slow(TraceEvent event) {
    return SlowCall.newBuilder()
        .setKind(kind(event.kind()))
        .setSubject(event.subject())
        .setDetail(event.detail())
        .setName(names.name(event.kind(), event.subject()))
        .setTgid(event.tgid())
        .setTid(event.tid())
        .setComm(event.comm())
        .setEndedMonotonicNanos(event.endedNanos())
        .setNanos(event.nanos())
        .setResult(event.result())
        .build();
  }

  private static TraceKind kind(TraceCell.Kind kind) {
    return switch (kind) {
      case CALL -> TraceKind.CALL;
      case KERNEL_LOCK -> TraceKind.KERNEL_LOCK;
      case FUTEX -> TraceKind.FUTEX;
      case FILE_LOCK -> TraceKind.FILE_LOCK;
      case IO_SERVED -> TraceKind.IO_SERVED;
      case IO_QUEUED -> TraceKind.IO_QUEUED;
    };
  }

  private static List<Long> withoutZerosAtTheEnd(List<Long> slots) {
    int filled = slots.size();
    while (filled > 0 && slots.get(filled - 1) == 0) {
      filled--;
    }
    return new ArrayList<>(slots.subList(0, filled));
  }
}
