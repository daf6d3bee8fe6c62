package io.unfreed.render.export;

import io.unfreed.schemas.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes an answer in the format of another tool. */
public interface Exporter {
  /**
   * Writes it all.
   *
   * @param ofFreed the chosen blocks are freed ones
   */
  void write(Session session, List<ExportedStack> stacks, boolean ofFreed, OutputStream out)
      throws IOException;
}
