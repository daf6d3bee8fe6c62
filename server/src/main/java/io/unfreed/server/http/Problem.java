package io.unfreed.server.http;

/** A request that is not answered, as RFC 9457 describes one. */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String title;

  /**
   * A problem.
   *
   * @param title what kind, the same for all of one status
   * @param detail what of this request; nothing that only the server's host should know
   */
  public Problem(int status, String title, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.title = title;
  }

  /** What was asked cannot be asked. */
  public static Problem badRequest(String detail) {
    return new Problem(400, "Bad request", detail);
  }

  /** There is nothing of this name. */
  public static Problem notFound(String detail) {
    return new Problem(404, "Not found", detail);
  }

  /** The question costs more than the server gives for one. */
  public static Problem tooCostly(String detail) {
    return new Problem(422, "Too costly", detail);
  }

  /** Others are answered first. */
  public static Problem busy(String detail) {
    return new Problem(503, "Busy", detail);
  }

  int status() {
    return status;
  }

  String title() {
    return title;
  }
}
