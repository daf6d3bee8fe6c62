/** Answers over HTTP. Called by commands; knows neither brokers nor topologies. */
package io.unfreed.server;
