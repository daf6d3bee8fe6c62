package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessAgeTest {
  /** The kernel cuts a name behind 15 bytes, in the middle of a letter if need be. */
  @Test
  void shouldKnowWhenAProcessBeganWhateverBytesItsNameHas() throws Exception {
    Process named =
        new ProcessBuilder("sh", "-c", "printf 'cut \\320' > /proc/$$/comm; echo done; read x")
            .start();
    try {
      assertThat(named.inputReader().readLine()).isEqualTo("done");
      assertThat(ProcessAge.beganNanos((int) named.pid())).isLessThanOrEqualTo(System.nanoTime());
    } finally {
      named.destroyForcibly();
    }
  }
}
