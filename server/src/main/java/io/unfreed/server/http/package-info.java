/**
 * The JDK's HTTP server behind one strict door: who may ask, from where, how much, and what every
 * answer says to browsers. Knows nothing of recordings.
 */
package io.unfreed.server.http;
