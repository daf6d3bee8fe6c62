package io.unfreed.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientPropertiesTest {
  @TempDir Path directory;
  private final List<String> said = new ArrayList<>();

  @Test
  void shouldTakeWhatLeadsToTheBrokers() throws Exception {
    Map<String, Object> client =
        read("security.protocol=SSL\nssl.truststore.location=/t\nproducer.linger.ms=7\n");

    assertThat(client)
        .containsOnly(
            entry("security.protocol", "SSL"),
            entry("ssl.truststore.location", "/t"),
            entry("producer.linger.ms", "7"));
    assertThat(said).isEmpty();
  }

  @Test
  void shouldIgnoreInOneLineWhatOurGuaranteesNeed() throws Exception {
    Map<String, Object> client =
        read(
            """
            processing.guarantee=at_least_once
            enable.idempotence=false
            acks=0
            isolation.level=read_uncommitted
            main.consumer.isolation.level=read_uncommitted
            producer.acks=1
            group.id=another
            application.id=another
            key.serializer=org.apache.kafka.common.serialization.StringSerializer
            value.deserializer=org.apache.kafka.common.serialization.StringDeserializer
            production.exception.handler=Continue
            client.rack=a
            """);

    assertThat(client).containsOnly(entry("client.rack", "a"));
    assertThat(said)
        .singleElement()
        .asString()
        .startsWith(directory.resolve("client.properties") + ": ignored")
        .contains("acks, application.id, enable.idempotence, group.id, isolation.level")
        .contains("producer.acks")
        .doesNotContain("client.rack");
  }

  private Map<String, Object> read(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("client.properties"), text);
    return ClientProperties.read(file, said::add);
  }
}
