/**
 * The {@code unfreed} command. Subpackages: one class per subcommand, output, and clients of Kafka.
 */
package io.unfreed.cli;
