/**
 * The codec: single-object encoding for every record, and the columnar event batch written and read
 * without an object per event. Called by the collector (builder) and by streams (cursor).
 */
package io.unfreed.schemas.wire;
