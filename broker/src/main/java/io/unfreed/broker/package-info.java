/**
 * The embedded broker: one real KRaft node inside this process, for commands that were given no
 * {@code --bootstrap-servers}.
 *
 * <p>Only {@link io.unfreed.broker.EmbeddedBroker} and {@link io.unfreed.broker.BrokerException}
 * are for others; the subcommands of the cli may call them. The rest uses broker classes of Kafka
 * that are no public API, so it is kept in this package and is checked by its tests whenever the
 * Kafka version changes.
 */
package io.unfreed.broker;
