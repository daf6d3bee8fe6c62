package io.unfreed.bpf.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbePlanTest {
  private static final String ALLOCATOR =
      """
      typedef unsigned long size_t;
      void *malloc(size_t n) { static char b[1 << 12]; return n ? b : 0; }
      void free(void *p) { (void)p; }
      void cfree(void *p) __attribute__((alias("free")));
      void *_Znwm(size_t n) { return malloc(n); }
      void _ZdlPv(void *p) { free(p); }
      """;

  @TempDir Path dir;

  @Test
  void shouldProbeOneAddressOnceAndOperatorsOfAnAllocator() throws IOException {
    assertThat(functions(plan(ALLOCATOR, "")))
        .containsExactly(
            AllocatorFunction.MALLOC,
            AllocatorFunction.FREE,
            AllocatorFunction.NEW,
            AllocatorFunction.DELETE);
  }

  @Test
  void shouldLeaveOperatorsOutOfAnObjectThatIsNoAllocator() throws IOException {
    String wrapper =
        """
        void *malloc(unsigned long n);
        void *_Znwm(unsigned long n) { return malloc(n); }
        """;
    assertThat(plan(wrapper, "").isEmpty()).isTrue();
  }

  @Test
  void shouldTakeOnlyPrefixedHeapFunctionsWhenAPrefixIsGiven() throws IOException {
    String prefixed =
        """
        void *je_malloc(unsigned long n) { static char b[1 << 12]; return n ? b : 0; }
        void je_free(void *p) { (void)p; }
        void *malloc(unsigned long n) { return je_malloc(n); }
        """;
    assertThat(functions(plan(prefixed, "je_")))
        .containsExactly(AllocatorFunction.MALLOC, AllocatorFunction.FREE);
    assertThat(plan(prefixed, "je_").spots().getFirst().symbol()).isEqualTo("je_malloc");
  }

  private ProbePlan plan(String source, String prefix) throws IOException {
    Path object =
        CompiledC.compile(dir, "object.c", source, "-shared", "-fPIC", "-fno-builtin", "-w");
    return ProbePlan.of(object, prefix);
  }

  private static List<AllocatorFunction> functions(ProbePlan plan) {
    return plan.spots().stream().map(ProbePlan.Spot::function).toList();
  }
}
