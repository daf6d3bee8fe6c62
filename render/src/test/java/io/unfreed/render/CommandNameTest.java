package io.unfreed.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandNameTest {
  @ParameterizedTest
  @CsvSource({
    "/usr/lib/gcc/x86_64-linux-gnu/12/cc1 -quiet /tmp/a.c, cc1",
    "make -j2, make",
    "-bash, -bash",
    "/bin/, /bin/",
    "Linux 6.18, Linux",
    "'  ', unknown",
    ", unknown"
  })
  void shouldBeTheLastPartOfTheProgramsPath(String command, String name) {
    assertThat(CommandName.of(command)).isEqualTo(name);
  }
}
