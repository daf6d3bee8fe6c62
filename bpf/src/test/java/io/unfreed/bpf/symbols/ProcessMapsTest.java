package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessMapsTest {
  private static final String MAPS =
      """
      55e0c0000000-55e0c0001000 r--p 00000000 fe:00 1234                       /opt/a b/prog
      55e0c0001000-55e0c0002000 r-xp 00001000 fe:00 1234                       /opt/a b/prog
      7f0000000000-7f0000001000 r-xp 00002000 fe:00 99                         /tmp/gone.so (deleted)
      7f0000002000-7f0000003000 rwxp 00000000 00:00 0\s
      7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
      """;

  @Test
  void shouldKeepExecutableFileMappingsWithTheirWholePaths() {
    assertThat(ProcessMaps.parse(7, MAPS).objects())
        .containsExactly(
            new MappedObject(
                7, 0x55e0c0001000L, 0x55e0c0002000L, 0x1000, "fe:00", 1234, "/opt/a b/prog", false),
            new MappedObject(
                7, 0x7f0000000000L, 0x7f0000001000L, 0x2000, "fe:00", 99, "/tmp/gone.so", true));
  }

  @Test
  void shouldReachADeletedFileThroughItsMapping() {
    MappedObject gone = ProcessMaps.parse(7, MAPS).objects().getLast();
    assertThat(gone.openable()).hasToString("/proc/7/map_files/7f0000000000-7f0000001000");
  }

  @Test
  void shouldNameJitFunctionsAndIgnoreAHalfWrittenLine() {
    PerfMap map =
        PerfMap.parse("7f0000002000 40 Interpreter\n7f0000002040 10 void Foo::bar(int)\n7f");
    assertThat(map.lookup(0x7f0000002045L))
        .contains(new SourceFrame("void Foo::bar(int)", 5L, null, null, false));
    assertThat(map.lookup(0x7f0000002050L)).isEmpty();
  }
}
