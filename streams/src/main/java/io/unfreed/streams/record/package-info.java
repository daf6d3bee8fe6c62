/** Between the Avro records of the topics and the pure types of lanes and reports. */
package io.unfreed.streams.record;
