package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.query.SessionCatalogue;
import io.unfreed.query.UsageException;
import io.unfreed.render.Moments;
import io.unfreed.render.SessionJson;
import io.unfreed.render.SessionSource;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the sessions of a broker, oldest first. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class SessionsCommand implements Callable<Integer> {
  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Text for people or one line of JSON per session.")
  private OutputOptions.Format format;

  @Override
  public Integer call() {
    if (!kafka.isGiven()) {
      throw new UsageException("sessions needs --bootstrap-servers or --data-dir");
    }
    List<Session> sessions;
    try (KafkaOptions.Brokers brokers = kafka.openToRead()) {
      sessions = SessionCatalogue.read(brokers.client()).sessions();
    }
    for (Session session : sessions) {
      System.out.println(
          format == OutputOptions.Format.json ? SessionJson.line(session) : text(session));
    }
    return ExitCodes.OK;
  }

  private static String text(Session session) {
    String line =
        String.join(
            "  ",
            session.getSessionId(),
            SessionSource.name(session) == null ? "-" : SessionSource.name(session),
            started(session) == null ? "-" : started(session),
            session.getHost() == null ? "-" : session.getHost(),
            session.getEnd() == null
                ? "open"
                : String.format(Locale.ROOT, "%.3fs", session.getEnd().getEndNanos() / 1e9),
            session.getCommand() == null ? "-" : session.getCommand());
    return Printable.of(line);
  }

  private static String started(Session session) {
    Instant started = Moments.ofEpochNanos(session.getStartedEpochNanos());
    return started == null ? null : started.toString();
  }
}
