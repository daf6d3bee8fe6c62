package io.unfreed.cli.live;

import org.junit.jupiter.api.BeforeAll;

/** Commands recorded by the library. */
class ShimRecordedCommandTest extends RecordedCommandCases {
  ShimRecordedCommandTest() {
    super("shim");
  }

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }
}
