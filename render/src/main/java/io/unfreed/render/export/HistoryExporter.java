package io.unfreed.render.export;

import io.unfreed.schemas.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes blocks as they came and went in the format of another tool. */
public interface HistoryExporter {
  /** Most processes that a file of the format can hold. */
  default int mostProcesses() {
    return 1;
  }

  /** Most moves that a reader of the format takes. */
  default long mostMoves() {
    return Long.MAX_VALUE;
  }

  /** Writes it all; neither more processes nor more moves than may be. */
  void write(Session session, List<ExportedHistory> processes, OutputStream out) throws IOException;
}
