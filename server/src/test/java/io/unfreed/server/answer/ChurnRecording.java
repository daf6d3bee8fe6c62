package io.unfreed.server.answer;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Processes that allocate and free at random for a hundred seconds, in a capture of many blocks;
 * each sixth allocation is never freed. The first process ends halfway.
 */
final class ChurnRecording {
  static final long SECOND = 1_000_000_000L;
  static final int SECONDS = 100;
  static final int EVENTS_A_SECOND = 1000;
  private static final int STACKS = 4;

  private final Random random;
  private final StackDictionary dictionary = new StackDictionary();

  private ChurnRecording(long seed) {
    random = new Random(seed);
  }

  /** Writes it; a block of the file for each second and process. */
  static void write(Path file, String session, int processes, long seed) throws IOException {
    new ChurnRecording(seed).write(file, session, processes);
  }

  private void write(Path file, String session, int processes) throws IOException {
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(session(session).build());
      for (int i = 0; i < STACKS; i++) {
        StackId id = new StackId(7L * i + 1, i);
        dictionary.number(id);
        capture.stack(new CallStack(id.toHash(), Quality.ADDRESSES, List.of()));
      }
      capture.flush();
      List<Living> living = new ArrayList<>();
      for (int i = 0; i < processes; i++) {
        living.add(new Living(session, i));
      }
      for (int second = 0; second < SECONDS; second++) {
        for (Living process : living) {
          process.second(second);
          capture.batch(process.events.encode());
          capture.flush();
        }
        if (second == SECONDS / 2 && processes > 1) {
          Living first = living.removeFirst();
          first.events.plain(EventCodes.EXIT, (second + 1) * SECOND, 1);
          capture.batch(first.events.encode());
        }
      }
      for (Living process : living) {
        process.events.end(SECONDS * SECOND, 0, 0);
        capture.batch(process.events.encode());
      }
      capture.session(
          session(session).setEnd(new SessionEnd(SECONDS * SECOND, 0L, 0L, 0L, Map.of())).build());
    }
  }

  private static Session.Builder session(String id) {
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(Source.EBPF)
        .setStartedEpochNanos(1_769_859_922_000_000_000L)
        .setTickNanos(5 * SECOND)
        .setFreeStacks(true);
  }

  private final class Living {
    private final EventBatchBuilder events;
    private final List<Long> live = new ArrayList<>();
    private long nextAddress = 0x1000;

    Living(String session, int number) {
      events =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey(session, (7 + number) + "-70", 0), 1, 5 * SECOND, false, true),
              new Process(7 + number, 70L, "churn", 0L),
              dictionary);
    }

    void second(int second) {
      for (int i = 0; i < EVENTS_A_SECOND; i++) {
        long at = second * SECOND + i * (SECOND / EVENTS_A_SECOND);
        int thread = 1 + random.nextInt(3);
        if (i == 0 && second % 10 == 3) {
          events.labelled(EventCodes.MARK, at, 1, "second " + second);
        } else if (live.size() > random.nextInt(200)) {
          long address = live.remove(random.nextInt(live.size()));
          events.release(EventCodes.FREE_HEAP, at, thread, address, random.nextInt(STACKS));
        } else {
          nextAddress += 64;
          int stack = random.nextInt(STACKS);
          events.allocate(
              EventCodes.ALLOC_HEAP, at, thread, nextAddress, 1 + random.nextInt(500), stack);
          if (random.nextInt(6) > 0) {
            live.add(nextAddress);
          }
        }
      }
    }
  }
}
