/**
 * What is recorded live, from the command line's point of view: options, checks of the host, what
 * is said, how it ends.
 */
package io.unfreed.cli.live;
