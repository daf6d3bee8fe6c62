package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.live.HostCheck;
import io.unfreed.shim.ShimLibrary;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Says whether this host can record, and what to do where it cannot. */
@Command(mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    List<HostCheck> checks = HostCheck.all();
    for (HostCheck check : checks) {
      System.out.printf("%-8s %-14s %s%n", check.verdict().word(), check.name(), check.found());
      System.out.printf("%-8s %-14s means: %s%n", "", "", check.meaning());
      if (!check.advice().isEmpty()) {
        System.out.printf("%-8s %-14s do:    %s%n", "", "", check.advice());
      }
    }
    boolean probes = checks.stream().noneMatch(c -> c.verdict() == HostCheck.Verdict.MISSING);
    boolean library = ShimLibrary.unavailable().isEmpty();
    System.out.println(
        probes
            ? "Recording is possible here."
            : library
                ? "Recording by the library is possible here, by probes it is not."
                : "Recording is not possible here.");
    return probes || library ? ExitCodes.OK : ExitCodes.PRIVILEGE;
  }
}
