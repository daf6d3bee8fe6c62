/**
 * Answers about recordings, each from one pass over the events, kept while somebody may ask again.
 * Knows no HTTP.
 */
package io.unfreed.server.answer;
