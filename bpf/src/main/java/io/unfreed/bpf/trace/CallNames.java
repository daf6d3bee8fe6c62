package io.unfreed.bpf.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Names of system calls of x86-64 and of errors, from the kernel's headers. */
public final class CallNames {
  private static final Map<Long, String> CALLS = read("calls-x86-64.txt");
  private static final Map<Long, String> ERRORS = read("errors.txt");

  private CallNames() {}

  public static String call(long number) {
    return CALLS.getOrDefault(number, "call " + number);
  }

  public static String error(long number) {
    return ERRORS.getOrDefault(number, "error " + number);
  }

  private static Map<Long, String> read(String resource) {
    Map<Long, String> names = new HashMap<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                CallNames.class.getResourceAsStream(resource), StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        int space = line.indexOf(' ');
        names.put(Long.parseLong(line.substring(0, space)), line.substring(space + 1));
      }
      return Map.copyOf(names);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
