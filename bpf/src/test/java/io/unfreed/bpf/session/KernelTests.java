package io.unfreed.bpf.session;

import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.ffi.BpfObject;
import java.util.concurrent.Callable;

/** What the tests that need the kernel share. */
final class KernelTests {
  private static final long PATIENCE_NANOS = 120_000_000_000L;

  private KernelTests() {}

  static void assumeCapture() {
    CompiledC.skipUnless(
        LiveSession.unavailable().isEmpty(), LiveSession.unavailable().orElse("available"));
    CompiledC.skipUnless(
        BpfPermissionException.missingCapabilities().isEmpty(),
        "not root: missing " + BpfPermissionException.missingCapabilities());
  }

  /** That stacks are taken by the rules of the code. */
  static void assumeRules() {
    assumeCapture();
    CompiledC.skipUnless(
        LiveSessionConfig.defaults().unwinds(), "this build has no builder of rules");
  }

  static void assumeLinks() {
    CompiledC.skipUnless(
        BpfObject.hasKernelFunction("bpf_uprobe_multi_link_attach"), "no uprobe_multi links");
  }

  /** Polls until a condition holds, within a bound. */
  static void pollUntil(LiveSession session, Tally tally, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain; " + session.counters() + " " + tally.life);
      }
      if (session.poll(tally, 4096) == 0) {
        Thread.sleep(1); // the pace of polling, not a wait for a result
      }
    }
  }

  static void drain(LiveSession session, Tally tally) {
    while (session.poll(tally, 4096) > 0) {
      // until nothing is ready
    }
  }
}
