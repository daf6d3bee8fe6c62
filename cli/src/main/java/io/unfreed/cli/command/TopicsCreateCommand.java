package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.PartitionsOption;
import io.unfreed.query.Cluster;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.topic.Topics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Creates the topics that are missing, so that recorders can begin before a service runs. */
@Command(
    name = "create",
    description = "Creates the topics that are missing.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class TopicsCreateCommand implements Callable<Integer> {
  @Mixin private KafkaOptions kafka;
  @Mixin private PartitionsOption partitions;

  @Override
  public Integer call() {
    partitions.check();
    if (!kafka.isGiven()) {
      throw new UsageException("topics create needs --bootstrap-servers or --data-dir");
    }
    try (KafkaOptions.Brokers brokers = kafka.open();
        Cluster cluster = new Cluster(brokers.client())) {
      Map<Topics, Integer> before = cluster.topics();
      List<String> others = partitions.create(cluster);
      cluster
          .topics()
          .forEach((topic, count) ->
              System.out.printf(
                  "%s  %d partitions, %s%n",
                  topic.topicName(), count, before.containsKey(topic) ? "was there" : "created"));
      others.forEach(line -> System.err.println("unfreed: " + line));
      return others.isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    }
  }
}
