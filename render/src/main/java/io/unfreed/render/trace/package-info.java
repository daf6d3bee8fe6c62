/**
 * How what the tracers counted looks, as text and as JSON. Called by the command line and the
 * server.
 */
package io.unfreed.render.trace;
