package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.ring.StackCursor;
import org.junit.jupiter.api.Test;

class ProcessSymbolsTest {
  /** Another thread of the target was mapping something when the stack was taken. */
  @Test
  void shouldPlaceAFrameByItsAddressWhenTheKernelSideCouldNotLook() throws Exception {
    int self = (int) ProcessHandle.current().pid();
    MappedObject libc =
        ProcessMaps.read(self).objects().stream()
            .filter(object -> object.path().contains("/libc"))
            .findFirst()
            .orElseThrow();
    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      ProcessSymbols symbols = ProcessSymbols.of(self, cache);
      long returnAddress = libc.start() + 64;
      CodeLocation known = symbols.locate(returnAddress, libc.inode(), libc.fileOffset() + 64);
      CodeLocation placed = symbols.locate(returnAddress, StackCursor.INODE_UNKNOWN, 0);
      assertThat(placed).isEqualTo(known);
      assertThat(placed.module()).isEqualTo(libc.path());
      assertThat(symbols.locate(65, StackCursor.INODE_UNKNOWN, 0).module()).isNull();
    }
  }
}
