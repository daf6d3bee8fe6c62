package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.ProcessCursor;
import io.unfreed.bpf.ring.RecordHandler;
import io.unfreed.bpf.ring.RecordLayout;
import io.unfreed.bpf.ring.StackCursor;
import io.unfreed.bpf.symbols.KernelSymbols;
import io.unfreed.bpf.symbols.ResolvedFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The kernel's allocators, while a process makes the kernel work. */
@Tag("kernel")
class KernelSessionTest {
  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeCapture();
  }

  @Test
  void shouldRecordTheKernelsAllocationsWithKernelFunctionNames() throws Exception {
    Counts counts = new Counts();
    try (LiveSession session = LiveSession.openForKernel(LiveSessionConfig.defaults())) {
      int self = (int) ProcessHandle.current().pid();
      List<String> tracepoints = session.attachKernel(true, List.of(self));
      assertThat(tracepoints).contains("kmalloc", "kfree", "kmem_cache_alloc", "kmem_cache_free");
      Process busy =
          new ProcessBuilder(
                  "sh", "-c", "find /usr/lib /proc/self -newer /etc/passwd >/dev/null 2>&1; true")
              .start();
      long end = System.nanoTime() + 30_000_000_000L;
      while (busy.isAlive() && System.nanoTime() < end) {
        session.poll(counts, 65536);
      }
      session.detach();
      while (session.poll(counts, 65536) > 0) {
        // until nothing is ready
      }
      CaptureCounters counters = session.counters();

      assertThat(counters.produced()).isEqualTo(counts.received + counters.lost());
      assertThat(counts.received).isGreaterThan(10_000);
      assertThat(counts.spaces).contains(RecordLayout.SLAB, RecordLayout.PAGE);
      KernelSymbols symbols = KernelSymbols.read();
      List<String> innermost = new ArrayList<>();
      for (long[] stack : counts.stacks) {
        ResolvedFrame frame = symbols.resolve(stack[0]);
        innermost.add(frame.names().isEmpty() ? "?" : frame.names().getFirst().symbol());
      }
      System.err.println("kernel session: " + counts.received + " events, " + counters);
      System.err.println("innermost: " + new TreeSet<>(innermost).stream().limit(20).toList());
      assertThat(innermost).doesNotContain("?");
      assertThat(innermost)
          .noneMatch(name -> name.startsWith("bpf_prog") || name.startsWith("bpf_trace"));
    }
  }

  private static final class Counts implements RecordHandler {
    private long received;
    private final Set<Integer> spaces = new TreeSet<>();
    private final List<long[]> stacks = new ArrayList<>();

    @Override
    public void onEvent(EventCursor event) {
      received++;
      spaces.add(event.space());
      assertThat(event.tgid()).isZero();
    }

    @Override
    public void onStack(StackCursor stack) {
      if (stacks.size() < 1000) {
        long[] frames = new long[stack.depth()];
        for (int i = 0; i < frames.length; i++) {
          frames[i] = stack.frame(i);
        }
        stacks.add(frames);
      }
    }

    @Override
    public void onProcess(ProcessCursor process) {}
  }
}
