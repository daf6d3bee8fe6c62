package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.Test;

/** The shape of the topology, as far as settings of the service rely on it. */
class UnfreedTopologyTest {
  @Test
  void shouldWorkOnOneTopicInEachProcessorBecauseNoneWaitsForAnother() {
    assertThat(UnfreedTopology.build(false).describe().subtopologies())
        .flatExtracting(TopologyDescription.Subtopology::nodes)
        .filteredOn(node -> node instanceof TopologyDescription.Processor)
        .hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(node ->
            assertThat(topics(node).collect(Collectors.toSet())).as(node.name()).hasSize(1));
  }

  private static Stream<String> topics(TopologyDescription.Node node) {
    return node instanceof TopologyDescription.Source source
        ? source.topicSet().stream()
        : node.predecessors().stream().flatMap(UnfreedTopologyTest::topics);
  }
}
