/**
 * Groups of options that commands share, and what their texts mean. Knows no command and starts
 * nothing but the broker that was named.
 */
package io.unfreed.cli.option;
