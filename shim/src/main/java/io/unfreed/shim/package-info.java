/**
 * The recording library as a file that processes load, and whether a command can be recorded with
 * it. Called by {@code collector}.
 */
package io.unfreed.shim;
