/** One class per subcommand, and the groups of options that they share. */
package io.unfreed.cli.command;
