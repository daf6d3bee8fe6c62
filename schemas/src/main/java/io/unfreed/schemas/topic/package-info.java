/** Topic names and record keys: the part of the wire contract that every Kafka client needs. */
package io.unfreed.schemas.topic;
