package io.unfreed.render;

import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.Mark;
import java.util.Collection;

/** Prints which blocks a question chose. */
public interface ChosenPrinter {
  /** Prints the answer about one incarnation. */
  void print(Session session, ChosenBlocks chosen, Collection<Mark> marks, StackBook stacks);

  /** Prints what is said once of a session. */
  void end(Session session);
}
