package io.unfreed.server.http;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is asked.
 *
 * @param path decoded
 * @param parameters each once
 */
public record Request(String path, Map<String, String> parameters) {
  /** In place of a header, where none can be set: {@code curl}, a scrape. */
  public static final String TOKEN = "token";

  /** Reads a request's target. */
  static Request of(URI uri) {
    Map<String, String> parameters = new LinkedHashMap<>();
    String query = uri.getRawQuery();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&")) {
        int equals = pair.indexOf('=');
        String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
        if (parameters.put(name, value) != null) {
          throw Problem.badRequest(name + ": given twice");
        }
      }
    }
    return new Request(uri.getPath(), Collections.unmodifiableMap(parameters));
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest("the query is not percent-encoded as it should be");
    }
  }

  /** A parameter; null when it was not given, or empty. */
  public String get(String name) {
    String value = parameters.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Refuses parameters that nobody reads: an answer to another question is worse than none. */
  public void allow(Set<String> names) {
    for (String name : parameters.keySet()) {
      if (!name.equals(TOKEN) && !names.contains(name)) {
        throw Problem.badRequest(name + ": no such parameter here");
      }
    }
  }
}
