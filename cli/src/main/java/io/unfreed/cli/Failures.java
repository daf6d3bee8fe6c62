package io.unfreed.cli;

import io.unfreed.broker.BrokerException;
import io.unfreed.query.FailedException;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.query.TooManyReportsException;
import java.io.PrintWriter;
import java.util.Arrays;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Turns exceptions into one line on stderr and an exit code; a stack trace only when asked for. */
public final class Failures {
  private Failures() {}

  /** Prints the line, unless that of its cause was printed before, and returns the exit code. */
  public static int print(Throwable e, PrintWriter err) {
    if (System.getenv("UNFREED_DEBUG") != null) {
      e.printStackTrace(err);
    }
    if (!isTold(e) && Arrays.stream(e.getSuppressed()).noneMatch(Failures::isTold)) {
      err.println("unfreed: " + oneLine(e));
    }
    err.flush();
    return switch (e) {
      case UsageException _ -> ExitCodes.USAGE;
      case PrivilegeException _ -> ExitCodes.PRIVILEGE;
      default -> ExitCodes.FAILED;
    };
  }

  /** The message in one line; the kind of exception where there is no message. */
  public static String oneLine(Throwable e) {
    String message = e.getMessage();
    ConfigException refused = refusedProperty(e);
    if (refused != null) {
      message = "Kafka's client refuses its properties: " + refused.getMessage();
    } else if (message == null || message.isBlank()) {
      message = e.getClass().getSimpleName();
    } else if (e instanceof OutOfMemoryError) {
      message = "out of memory (" + message + "): UNFREED_JAVA_OPTS=-Xmx4g, say, allows more";
    } else if (e instanceof RuntimeException && !isOurs(e) && !isPicocli(e)) {
      message = "internal error: " + e.getClass().getSimpleName() + ": " + message;
    }
    return Printable.of(message.strip().replaceAll("\\s*\\R\\s*", "; "));
  }

  /** What a client found wrong with a property of the user's; null when it is something else. */
  private static ConfigException refusedProperty(Throwable e) {
    Throwable cause = e;
    while (cause instanceof KafkaException && !(cause instanceof ConfigException)) {
      cause = cause.getCause();
    }
    return cause instanceof ConfigException refused ? refused : null;
  }

  /** Whether it is a consequence of what was printed before, or of a signal. */
  public static boolean isTold(Throwable e) {
    return e instanceof BrokerException broker ? broker.isTold() : isEnding(e);
  }

  /** Of Runtime.addShutdownHook: a signal came before what it would have cleaned up was begun. */
  private static boolean isEnding(Throwable e) {
    return e instanceof IllegalStateException && "Shutdown in progress".equals(e.getMessage());
  }

  private static boolean isOurs(Throwable e) {
    return e instanceof UsageException
        || e instanceof FailedException
        || e instanceof BrokerException
        || e instanceof TooManyReportsException
        || e instanceof PrivilegeException;
  }

  private static boolean isPicocli(Throwable e) {
    return e instanceof picocli.CommandLine.PicocliException;
  }
}
