package io.unfreed.collector.capture;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.MalformedBatchException;

/** Counts the events of an encoded batch: the items of its column {@code kinds}. */
final class BatchEvents {
  private BatchEvents() {}

  static int count(byte[] bytes, int offset, int length) throws MalformedBatchException {
    ByteCursor in = new ByteCursor();
    in.reset(bytes, offset, length);
    skipHeader(in);
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        in.take(StackId.BYTES);
      }
    }
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        in.take(in.readInt());
      }
    }
    long events = 0;
    for (long n = in.readLong(); n != 0; n = in.readLong()) {
      if (n < 0) {
        in.take(in.readInt());
      } else {
        for (long i = 0; i < n; i++) {
          in.readInt();
        }
      }
      events += Math.min(length, Math.abs(Math.max(n, -Long.MAX_VALUE)));
    }
    return (int) Math.min(events, length);
  }

  /** From {@code session} to {@code marker}, as EventBatch.avsc has them. */
  private static void skipHeader(ByteCursor in) throws MalformedBatchException {
    in.take(in.readInt());
    in.take(in.readInt());
    in.readInt();
    in.readInt();
    in.readLong();
    in.readLong();
    in.readLong();
    in.readBoolean();
    in.readNullableInt();
    in.readNullableLong();
    in.readNullableText();
    in.readNullableLong();
    in.readBoolean();
    in.readLong();
    in.readLong();
    in.readInt();
    in.readNullableText();
  }
}
