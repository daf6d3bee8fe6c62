package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.live.LiveTarget;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import java.util.List;
import org.junit.jupiter.api.Test;

class BeginLineTest {
  @Test
  void shouldNameWhatIsRecordedAndCountItsProbes() {
    assertThat(
            BeginLine.of(
                new LiveTarget.Processes(List.of(12)),
                session(
                    "/usr/bin/redis-server *:6379",
                    "malloc [/lib/libc.so.6]",
                    "missing: pvalloc [/lib/libc.so.6]",
                    "free [/lib/libc.so.6]")))
        .isEqualTo("recording process 12 (redis-server): 2 probes, session s-1");
    assertThat(
            BeginLine.of(new LiveTarget.Processes(List.of(12, 13)), session("a, b", "malloc [x]")))
        .isEqualTo("recording processes 12, 13: 1 probe, session s-1");
    assertThat(BeginLine.of(new LiveTarget.Kernel(false), session("Linux 6.18.0", "a", "b", "c")))
        .isEqualTo("recording the kernel (Linux 6.18.0): 3 probes, session s-1");
  }

  private static Session session(String command, String... probes) {
    return Session.newBuilder()
        .setSessionId("s-1")
        .setSource(Source.EBPF)
        .setCommand(command)
        .setProbes(List.of(probes))
        .build();
  }
}
