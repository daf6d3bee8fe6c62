package io.unfreed.schemas.wire;

import io.unfreed.schemas.topic.LaneKey;

/**
 * One encoded event batch on its way to a sink.
 *
 * @param key session, incarnation and lane
 * @param sequence its number in the lane
 * @param eventCount events in it
 * @param body the Avro body, without single-object header or union index; not to be changed
 */
public record EncodedBatch(LaneKey key, long sequence, int eventCount, byte[] body) {}
