/** One class per subcommand, and what commands that read recordings share. Main alone calls it. */
package io.unfreed.cli.command;
