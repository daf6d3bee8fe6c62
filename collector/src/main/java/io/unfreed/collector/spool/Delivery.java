package io.unfreed.collector.spool;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * What a dead recorder left, on its way to the brokers. The producer never gives a record up, so
 * that a lane's later batches stay behind one that could not be sent; who waits gives up when the
 * brokers take nothing any more, and the file is delivered another time.
 */
final class Delivery {
  private static final long LOOKS_MILLIS = 5;

  private final SpoolFile spool;
  private final AtomicLong answered = new AtomicLong();
  private final AtomicReference<Exception> refused = new AtomicReference<>();
  private final Refusals tooLarge = new Refusals();
  private long sent;

  /** Null while the file is as it was written. */
  private IOException damage;

  Delivery(SpoolFile spool) {
    this.spool = spool;
  }

  /** Gives the producer every record of the file up to where it is damaged, or one is refused. */
  void send(KafkaProducer<byte[], byte[]> producer) {
    long at = spool.head();
    while (at < spool.tail() && damage == null && refused.get() == null) {
      try {
        byte[] bytes = spool.read(at);
        Outgoing record = Outgoing.of(bytes);
        producer.send(record.toRecord(spool.partitions()), (place, e) -> done(record, e));
        at = SpoolFile.after(at, bytes);
        sent++;
      } catch (IOException | BufferUnderflowException e) {
        damage = new IOException("damaged at byte " + at, e);
      }
    }
  }

  private void done(Outgoing record, Exception e) {
    if (e instanceof RecordTooLargeException) {
      tooLarge.add(record);
    } else if (e != null) {
      refused.compareAndSet(null, e);
    }
    answered.incrementAndGet();
  }

  /**
   * Waits until the brokers have answered for all of them.
   *
   * @throws IOException when they refuse one, or take nothing for a while
   */
  void await() throws IOException {
    long last = answered.get();
    long sinceNanos = System.nanoTime();
    while (answered.get() < sent && refused.get() == null) {
      if (answered.get() != last) {
        last = answered.get();
        sinceNanos = System.nanoTime();
      } else if (System.nanoTime() - sinceNanos > LeftSpools.STANDSTILL.toNanos()) {
        throw new IOException("the brokers do not answer any more");
      }
      try {
        TimeUnit.MILLISECONDS.sleep(LOOKS_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (refused.get() != null) {
      throw new IOException(refused.get().getMessage(), refused.get());
    }
  }

  /** What was done, for people. */
  String line() {
    String tooLargeOnes = tooLarge.line();
    return "delivered %d records that a recorder left in %s%s%s"
        .formatted(
            sent - tooLarge.records(),
            spool.path(),
            damage == null ? "" : ", which is " + damage.getMessage(),
            tooLargeOnes == null ? "" : "; " + tooLargeOnes);
  }
}
