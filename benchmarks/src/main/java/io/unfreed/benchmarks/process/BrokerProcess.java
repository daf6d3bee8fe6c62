package io.unfreed.benchmarks.process;

import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;

/** The embedded broker in a process of its own, until its standard input ends: {@code DIR}. */
public final class BrokerProcess {
  private BrokerProcess() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(Path.of(args[0]))) {
      System.out.println("serving " + broker.bootstrapServers());
      System.in.readAllBytes();
    }
  }
}
