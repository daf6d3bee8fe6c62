package io.unfreed.shim.inject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that injects until it is killed, or until its input ends within an injection. */
final class InjectAgainAndAgain {
  private InjectAgainAndAgain() {}

  /** Arguments: process id, library, and whether to stay within the first injection. */
  public static void main(String[] args) throws Exception {
    byte[] library = Files.readAllBytes(Path.of(args[1]));
    boolean stay = args.length > 2;
    while (true) {
      try {
        Target.Counts counts = new Target.Counts();
        Injection.into(
                Integer.parseInt(args[0]),
                library,
                fd -> {
                  counts.make(fd);
                  say("within");
                  if (stay && System.in.read() < 0) {
                    throw new IOException("nobody killed us");
                  }
                })
            .detach();
      } catch (InjectionRefusedException refused) {
        say(refused.getMessage());
        if (!refused.getMessage().contains("already")) {
          return;
        }
      }
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
