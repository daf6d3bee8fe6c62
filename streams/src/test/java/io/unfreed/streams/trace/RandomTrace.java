package io.unfreed.streams.trace;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.TraceError;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.GeneratedClasses;
import io.unfreed.schemas.wire.TraceRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A trace of waits for locks and of calls, made up, with what every row is at every tick, kept the
 * simplest way: all single latencies.
 */
public final class RandomTrace {
  static {
    GeneratedClasses.trust(); // a builder of one copies it
  }

  public static final long TICK_NANOS = 1_000_000_000L;

  public final Session session;
  public final List<CallStack> stacks = new ArrayList<>();
  public final List<TraceStatement> statements = new ArrayList<>();

  /** Latencies so far by key of the row, for each tick from 1. */
  public final List<Map<String, List<Long>>> latencies = new ArrayList<>();

  private final Random random;
  private final String tracer;
  private final Map<String, List<Long>> now = new TreeMap<>();
  private final Map<String, Long> sequences = new TreeMap<>();

  /** From a seed; {@code tracer} is syscalls or locks. */
  public RandomTrace(long seed, String id, String tracer, int ticks) {
    this.random = new Random(seed);
    this.tracer = tracer;
    session =
        Session.newBuilder()
            .setSessionId(id)
            .setSource(Source.EBPF)
            .setCommand("trace " + tracer + " of every process")
            .setHost("host")
            .setStartedEpochNanos(1_790_000_000_000_000_000L + seed)
            .setTickNanos(TICK_NANOS)
            .setProbes(List.of(TraceRules.probe(tracer)))
            .build();
    for (int i = 0; i < 4; i++) {
      stacks.add(stack(i));
    }
    for (int tick = 1; tick <= ticks; tick++) {
      tick(tick, tick == ticks);
    }
  }

  /** The session with its end. */
  public Session ended() {
    long atNanos = statements.getLast().getAtNanos();
    return Session.newBuilder(session)
        .setEnd(new SessionEnd(atNanos, 1L, 1L, 0L, new TreeMap<>()))
        .build();
  }

  private CallStack stack(int number) {
    List<FrameKey> keys = List.of(new FrameKey.InModule("/usr/lib/libc.so.6", 64L + number));
    StackId id = new StackHasher().hash(keys);
    Frame frame =
        Frame.newBuilder()
            .setModule("/usr/lib/libc.so.6")
            .setAddress(64L + number)
            .setSymbol(number == 0 ? null : "wait" + number)
            .build();
    return new CallStack(id.toHash(), Quality.SYMBOLS, List.of(frame));
  }

  private void tick(int tick, boolean isLast) {
    long atNanos = tick * TICK_NANOS + random.nextInt(1000);
    List<String> changed = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      String key = (7 + random.nextInt(3)) + "/" + random.nextInt(4);
      if (!changed.contains(key)) {
        changed.add(key);
      }
      for (int happenings = random.nextInt(30); happenings >= 0; happenings--) {
        now.computeIfAbsent(key, k -> new ArrayList<>())
            .add((long) Math.exp(random.nextDouble(5, 20)));
      }
    }
    changed.forEach(key -> statements.add(statement(key, tick, atNanos)));
    Map<String, List<Long>> copy = new TreeMap<>();
    now.forEach((key, values) -> copy.put(key, List.copyOf(values)));
    latencies.add(copy);
    TraceHead head =
        TraceHead.newBuilder()
            .setStatements(statements.size() + 1L)
            .setEnded(isLast)
            .setTold(isLast || tick % 3 == 0)
            .setMapFull(tick / 4)
            .setUnpaired(0)
            .setQueueFull(0)
            .setSkipped(0)
            .setWarnNanos(1)
            .setSuspectAbove(1)
            .setSlow(List.of(slow(tick)))
            .build();
    statements.add(statement(TraceRules.WHOLE, tracer, tick, atNanos).setHead(head).build());
  }

  private SlowCall slow(int tick) {
    return SlowCall.newBuilder()
        .setKind(TraceKind.CALL)
        .setSubject(tick)
        .setDetail(0)
        .setTgid(7)
        .setTid(8)
        .setComm("slow")
        .setEndedMonotonicNanos(tick)
        .setNanos(1_000_000L * tick)
        .setResult(-4)
        .build();
  }

  private TraceStatement statement(String key, int tick, long atNanos) {
    String[] parts = key.split("/");
    boolean isCall = tracer.equals("syscalls");
    TraceKind kind = isCall ? TraceKind.CALL : TraceKind.FUTEX;
    long subject = Long.parseLong(parts[1]);
    TraceRow row =
        TraceRow.newBuilder()
            .setKind(kind)
            .setSubject(subject)
            .setDetail(0)
            .setTgid(Integer.parseInt(parts[0]))
            .setComm("process" + parts[0])
            .setStackId(isCall ? null : stacks.get((int) subject).getStackId())
            .setCount(now.get(key).size())
            .setErrors(isCall ? List.of(new TraceError(11, now.get(key).size() / 2L)) : List.of())
            .setTotalNanos(now.get(key).stream().mapToLong(n -> n).sum())
            .setMaxNanos(now.get(key).stream().mapToLong(n -> n).max().orElseThrow())
            .setSlots(slots(now.get(key)))
            .build();
    String probe =
        "%s.%s.%x.0".formatted(tracer, kind.name().toLowerCase(java.util.Locale.ROOT), subject);
    return statement(parts[0], probe, tick, atNanos).setRow(row).build();
  }

  private TraceStatement.Builder statement(
      String incarnation, String probe, int tick, long atNanos) {
    long sequence = sequences.merge(incarnation + "/" + probe, 0L, (before, zero) -> before + 1);
    return TraceStatement.newBuilder()
        .setSession(session.getSessionId())
        .setIncarnation(incarnation)
        .setProbe(probe)
        .setSequence(sequence)
        .setTick(tick)
        .setAtNanos(atNanos);
  }

  /** Counts by powers of two of microseconds, without zeros at the end. */
  static List<Long> slots(List<Long> latencies) {
    Long[] slots = new Long[TraceRules.SLOTS];
    Arrays.fill(slots, 0L);
    int filled = 0;
    for (long nanos : latencies) {
      int slot = 63 - Long.numberOfLeadingZeros(Math.max(1, nanos / 1000));
      slots[slot]++;
      filled = Math.max(filled, slot + 1);
    }
    return new ArrayList<>(Arrays.asList(slots).subList(0, filled));
  }
}
