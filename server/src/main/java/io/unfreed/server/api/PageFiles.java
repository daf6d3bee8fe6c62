package io.unfreed.server.api;

import io.unfreed.server.http.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The page, from the jar. */
public final class PageFiles {
  /** The modules of the page, each behind those that it imports. */
  public static final List<String> SCRIPTS =
      List.of(
          "format.js",
          "source.js",
          "state.js",
          "dom.js",
          "overtime.js",
          "timeline.js",
          "flame.js",
          "tables.js",
          "histograms.js",
          "tracetime.js",
          "tracetable.js",
          "trace.js",
          "app.js");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private final Map<String, byte[]> files = new HashMap<>();

  /** Reads all of them. */
  public PageFiles() {
    put("/", "index.html");
    put("/style.css", "style.css");
    put("/icon.svg", "icon.svg");
    SCRIPTS.forEach(script -> put("/" + script, script));
  }

  private void put(String path, String name) {
    files.put(path, read(name));
  }

  /** A file of the page, or of what the API says of itself. */
  public static byte[] read(String name) {
    try (InputStream in = PageFiles.class.getResourceAsStream("/io/unfreed/server/page/" + name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean has(String path) {
    return files.containsKey(path);
  }

  Reply reply(String path) {
    byte[] bytes = files.get(path);
    String extension = path.equals("/") ? "html" : path.substring(path.lastIndexOf('.') + 1);
    return new Reply(TYPES.get(extension), out -> out.write(bytes));
  }
}
