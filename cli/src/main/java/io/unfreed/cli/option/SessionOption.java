package io.unfreed.cli.option;

import io.unfreed.query.UsageException;
import java.util.Collection;
import picocli.CommandLine.Option;

/** Which session. */
public final class SessionOption {
  @Option(
      names = "--session",
      paramLabel = "ID",
      description = "The session, by its id or the beginning of it (default: newest).")
  private String id;

  /** As if it had been given. */
  public static SessionOption of(String id) {
    SessionOption option = new SessionOption();
    option.id = id;
    return option;
  }

  /** The id or its beginning; null for the newest. */
  public String id() {
    return id;
  }

  /** Whether this session is meant; every one when none was named. */
  public boolean matches(String sessionId) {
    return id == null || sessionId.startsWith(id);
  }

  /** Refuses a session that is not there. */
  public void check(Collection<String> sessions) {
    if (id != null && sessions.stream().noneMatch(this::matches)) {
      throw new UsageException("--session " + id + ": no such session here");
    }
  }
}
