package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Says whether this host can record, and what to do where it cannot. */
@Command(
    name = "doctor",
    description = "Checks whether this host can record live: found, what it means, what to do.",
    mixinStandardHelpOptions = true)
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
    boolean possible = checks.stream().noneMatch(c -> c.verdict() == HostCheck.Verdict.MISSING);
    System.out.println(
        possible ? "Recording is possible here." : "Recording is not possible here.");
    return possible ? ExitCodes.OK : ExitCodes.PRIVILEGE;
  }
}
