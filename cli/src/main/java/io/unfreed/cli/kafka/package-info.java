/**
 * Clients of Kafka for commands: topics read to their end, sessions, reports, the service's group.
 */
package io.unfreed.cli.kafka;
