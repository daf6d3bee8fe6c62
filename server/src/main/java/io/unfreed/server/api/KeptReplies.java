package io.unfreed.server.api;

import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Answers as they were written, for everybody who asks the same until something is recorded: many
 * readers cost what copying costs. Thread-safe.
 */
final class KeptReplies {
  private static final long MOST_BYTES = 32 << 20;

  /** A larger one is written anew for each. */
  private static final int LARGEST = 2 << 20;

  /** Of an entry beside the texts of its question and its answer, roughly. */
  private static final int ENTRY_BYTES = 300;

  private record Key(String path, Map<String, String> parameters, Object version) {
    /** Roughly; a question may be longer than its answer. */
    long bytes() {
      long characters = path.length();
      for (Map.Entry<String, String> one : parameters.entrySet()) {
        characters += one.getKey().length() + one.getValue().length();
      }
      return ENTRY_BYTES + Character.BYTES * characters;
    }
  }

  private final Map<Key, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /** Makes an answer that is not there. */
  interface Maker {
    Reply reply() throws IOException;
  }

  /** The answer to a request as of a version of what is recorded. */
  Reply of(Request request, Object version, String type, Maker maker) throws IOException {
    Map<String, String> parameters = new TreeMap<>(request.parameters());
    parameters.remove(Request.TOKEN);
    Key key = new Key(request.path(), parameters, version);
    byte[] known;
    synchronized (this) {
      known = kept.get(key);
    }
    if (known != null) {
      return new Reply(type, out -> out.write(known));
    }
    Reply made = maker.reply();
    return new Reply(
        made.type(),
        made.fileName(),
        out -> {
          Copying copying = new Copying(out);
          made.body().writeTo(copying);
          copying.flush();
          if (copying.copy != null) {
            keep(key, copying.copy.toByteArray());
          }
        });
  }

  private synchronized void keep(Key key, byte[] answer) {
    byte[] before = kept.put(key, answer);
    bytes += before == null ? key.bytes() + answer.length : answer.length - before.length;
    while (bytes > MOST_BYTES) {
      Key eldest = kept.keySet().iterator().next();
      bytes -= eldest.bytes() + kept.remove(eldest).length;
    }
  }

  /** Keeps what passes, as long as that is little. */
  private static final class Copying extends FilterOutputStream {
    private ByteArrayOutputStream copy = new ByteArrayOutputStream();

    Copying(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      if (copy != null) {
        copy.write(value);
        bound();
      }
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length);
      if (copy != null) {
        copy.write(from, offset, length);
        bound();
      }
    }

    private void bound() {
      copy = copy.size() > LARGEST ? null : copy;
    }

    /** The answer's end is the door's to say. */
    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
