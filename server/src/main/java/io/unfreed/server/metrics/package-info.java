/** What is measured, as Prometheus scrapes it. */
package io.unfreed.server.metrics;
