/**
 * The topology in this process, as a service or for one command: its page, its instance, what it
 * says and forgets while it runs.
 */
package io.unfreed.cli.serve;
