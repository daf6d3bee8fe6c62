package io.unfreed.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies point one way (docs/architecture.md). */
@AnalyzeClasses(
    packages = "io.unfreed",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {
  /**
   * The reference model and the fuzzers' records come from streams in a jar once that is packed.
   */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule schemasKnowNobody =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.schemas..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.bpf..",
              "io.unfreed.collector..",
              "io.unfreed.streams..",
              "io.unfreed.broker..",
              "io.unfreed.query..",
              "io.unfreed.render..",
              "io.unfreed.server..",
              "io.unfreed.cli..",
              "org.apache.kafka..");

  @ArchTest
  static final ArchRule bpfKnowsNoKafkaAndNoAvro =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.bpf..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.schemas..",
              "io.unfreed.collector..",
              "io.unfreed.streams..",
              "io.unfreed.broker..",
              "io.unfreed.query..",
              "io.unfreed.render..",
              "io.unfreed.server..",
              "io.unfreed.cli..",
              "org.apache.kafka..",
              "org.apache.avro..");

  @ArchTest
  static final ArchRule shimKnowsNoKafkaAndNoAvro =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.shim..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.schemas..",
              "io.unfreed.collector..",
              "io.unfreed.streams..",
              "io.unfreed.broker..",
              "io.unfreed.query..",
              "io.unfreed.render..",
              "io.unfreed.server..",
              "io.unfreed.cli..",
              "org.apache.kafka..",
              "org.apache.avro..");

  @ArchTest
  static final ArchRule bpfKnowsNoShim =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.bpf..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.unfreed.shim..");

  @ArchTest
  static final ArchRule collectorKnowsNoStreams =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.collector..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.streams..",
              "io.unfreed.broker..",
              "io.unfreed.query..",
              "io.unfreed.render..",
              "io.unfreed.server..",
              "io.unfreed.cli..");

  @ArchTest
  static final ArchRule streamsKnowsNoCollector =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.streams..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.bpf..",
              "io.unfreed.shim..",
              "io.unfreed.collector..",
              "io.unfreed.broker..",
              "io.unfreed.query..",
              "io.unfreed.render..",
              "io.unfreed.server..",
              "io.unfreed.cli..");

  @ArchTest
  static final ArchRule ledgerIsPure =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.streams.ledger..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.schemas..",
              "io.unfreed.streams.lane..",
              "io.unfreed.streams.report..",
              "io.unfreed.streams.topology..",
              "org.apache.kafka..",
              "org.apache.avro..",
              "java.io..",
              "java.nio.file..");

  @ArchTest
  static final ArchRule lanesAndReportsKnowNoKafka =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.unfreed.streams.lane..",
              "io.unfreed.streams.report..",
              "io.unfreed.streams.query..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.unfreed.streams.topology..", "org.apache.kafka..");

  @ArchTest
  static final ArchRule brokerKnowsNobody =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.broker..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.schemas..",
              "io.unfreed.bpf..",
              "io.unfreed.shim..",
              "io.unfreed.collector..",
              "io.unfreed.streams..",
              "io.unfreed.query..",
              "io.unfreed.render..",
              "io.unfreed.server..",
              "io.unfreed.cli..");

  @ArchTest
  static final ArchRule queryPrintsNothingOfItsOwn =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.query..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.render..",
              "io.unfreed.server..",
              "io.unfreed.broker..",
              "io.unfreed.cli..");

  @ArchTest
  static final ArchRule renderAsksNobody =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.render..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.server..",
              "io.unfreed.broker..",
              "io.unfreed.cli..",
              "org.apache.kafka..");

  @ArchTest
  static final ArchRule serverKnowsNoBrokerAndNoTopology =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.streams.topology..",
              "io.unfreed.broker..",
              "io.unfreed.cli..",
              "org.apache.kafka..");

  @ArchTest
  static final ArchRule answersKnowNoHttp =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.server.answer..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.server.http..", "io.unfreed.server.api..", "com.sun.net.httpserver..");

  /** A recorder serves its metrics: what does that is to load nothing of a service. */
  @ArchTest
  static final ArchRule whatServesKnowsNoStreams =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.server.http..")
          .or()
          .haveSimpleName("RecorderMetrics")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.unfreed.streams..", "org.apache.kafka..", "org.rocksdb..");

  /** What runs on a node needs no Kafka server, no Streams and no RocksDB. */
  @ArchTest
  static final ArchRule recordersNeedOnlyKafkasClients =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.unfreed.schemas..",
              "io.unfreed.bpf..",
              "io.unfreed.shim..",
              "io.unfreed.collector..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka.streams..",
              "org.apache.kafka.server..",
              "kafka..",
              "scala..",
              "org.rocksdb..");

  /** Main alone starts commands; commands start live runs and the service, and read options. */
  @ArchTest
  static final ArchRule optionsKnowNobodyWhoReadsThem =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.cli.option..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.unfreed.cli.live..", "io.unfreed.cli.serve..", "io.unfreed.cli.command..");

  @ArchTest
  static final ArchRule theServiceKnowsNoLiveRuns =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.cli.serve..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.unfreed.cli.live..", "io.unfreed.cli.command..");

  @ArchTest
  static final ArchRule liveRunsKnowNoCommands =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.cli.live..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.unfreed.cli.command..");

  @ArchTest
  static final ArchRule nobodyBelowStartsMain =
      noClasses()
          .that()
          .resideInAPackage("io.unfreed.cli.*..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.unfreed.cli.Main");

  @ArchTest
  static final ArchRule packagesOfTheCommandHaveNoCycles =
      slices().matching("io.unfreed.cli.(*)..").should().beFreeOfCycles();
}
