package io.unfreed.cli.option;

import io.unfreed.query.Cluster;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.topology.TopicSetup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** With how many partitions topics are created. */
public final class PartitionsOption {
  private static final int MOST = 10_000;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description =
          "Partitions of topics that are missing (default: "
              + TopicSetup.DEFAULT_PARTITIONS
              + "); those that are there keep theirs.")
  private Integer partitions;

  /** Fails for a number that cannot be. */
  public void check() {
    if (partitions != null && (partitions < 1 || partitions > MOST)) {
      throw new UsageException("--partitions " + partitions + ": 1 to " + MOST);
    }
  }

  int count() {
    return partitions == null ? TopicSetup.DEFAULT_PARTITIONS : partitions;
  }

  /**
   * Creates what is missing.
   *
   * @return a line for each topic that was there with another number of partitions than asked for
   */
  public List<String> create(Cluster cluster) {
    Map<Topics, Integer> before = cluster.topics();
    cluster.ensureTopics(count());
    List<String> lines = new ArrayList<>();
    before.forEach((topic, has) -> {
      int asked = TopicSetup.partitions(topic, count());
      if (partitions != null && has != asked) {
        lines.add(
            "%s is there with %d partitions, not %d: it is left as it is"
                .formatted(topic.topicName(), has, asked));
      }
    });
    return lines;
  }
}
