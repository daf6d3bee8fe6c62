package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.collector.live.MarkSender;
import io.unfreed.query.FailedException;
import io.unfreed.query.UsageException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Names a moment in a session that is being recorded. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class MarkCommand implements Callable<Integer> {
  @Parameters(paramLabel = "LABEL", description = "What the moment is called.")
  private String label;

  @Mixin private SessionOption session;

  @Override
  public Integer call() throws IOException {
    if (label.isBlank() || label.contains("\n")) {
      throw new UsageException("a label is one line that is not empty");
    }
    if (MarkSender.send(session.id(), label).isEmpty()) {
      throw new FailedException(
          session.id() == null
              ? "no recording of this user is running"
              : "--session " + session.id() + ": no such recording is running");
    }
    return ExitCodes.OK;
  }
}
