package io.unfreed.cli.command;

import picocli.CommandLine.Command;

/** What concerns the topics as such; each thing is a subcommand. */
@Command(
    name = "topics",
    description = "Creates the topics of a cluster.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = TopicsCreateCommand.class)
public final class TopicsCommand {}
