package io.unfreed.server.api;

import io.unfreed.query.AskedBlocks;
import io.unfreed.query.AskedMoment;
import io.unfreed.query.Quantities;
import io.unfreed.query.UsageException;
import io.unfreed.render.Shape;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.http.Problem;
import io.unfreed.server.http.Request;
import io.unfreed.streams.ledger.SizeRange;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Parameters of requests: the options of the commands, by the same names and in the same units. */
final class Parameters {
  private static final long LEAST_INTERVAL_NANOS = 1_000_000_000L;

  static final Set<String> MOMENT = Set.of("session", "at", "older", "min-size", "max-size", "pid");
  static final Set<String> BLOCKS = Set.of("born", "freed", "group-by", "function", "module");
  static final Set<String> SHAPE = Set.of("top", "sort", "limit");

  private static final int DEFAULT_TOP = 10;

  private Parameters() {}

  /** All the names. */
  static Set<String> union(List<Set<String>> sets) {
    Set<String> all = new HashSet<>();
    sets.forEach(all::addAll);
    return all;
  }

  /** The question; checked as far as that needs no recording. */
  static Asked asked(Request request) {
    return asked(request, request.get("session"), request.get("at"));
  }

  /** A session as it is at its end. */
  static Asked whole(String session) {
    return new Asked(
        session,
        new AskedMoment(null, 0, SizeRange.ALL, null),
        new AskedBlocks(null, null, null, null, null),
        null);
  }

  /** The same about another session or moment. */
  static Asked asked(Request request, String session, String at) {
    long least = request.get("min-size") == null ? 0 : Quantities.bytes(request.get("min-size"));
    long most =
        request.get("max-size") == null
            ? Long.MAX_VALUE
            : Quantities.bytes(request.get("max-size"));
    if (most < least) {
      throw new UsageException("--min-size " + least + " is larger than --max-size " + most);
    }
    AskedMoment moment =
        new AskedMoment(
            at,
            request.get("older") == null ? 0 : Quantities.nanos(request.get("older")),
            new SizeRange(least, most),
            interval(request.get("interval")));
    moment.check(true);
    AskedBlocks blocks =
        new AskedBlocks(
            request.get("born"),
            request.get("freed"),
            request.get("group-by"),
            request.get("function"),
            request.get("module"));
    blocks.check();
    if (blocks.isGiven() && moment.intervalNanos() != null) {
      throw new UsageException(
          "--interval goes with none of --born, --freed, --group-by, --function, --module");
    }
    return new Asked(session, moment, blocks, number(request, "pid"));
  }

  /** Refuses what says nothing of chosen blocks, which come most bytes first: so may be asked. */
  static void checkChosen(Request request, Asked asked) {
    for (String name : List.of("sort", "limit")) {
      String value = request.get(name);
      if (asked.blocks().isGiven() && value != null && !value.equals(Shape.Sort.bytes.name())) {
        throw new UsageException(
            name + " goes with none of born, freed, group-by, function, module");
      }
    }
  }

  /** How much of the answer is listed. */
  static Shape shape(Request request) {
    Shape.Sort sort = Shape.Sort.leak;
    if (request.get("sort") != null) {
      sort =
          Arrays.stream(Shape.Sort.values())
              .filter(one -> one.name().equalsIgnoreCase(request.get("sort")))
              .findFirst()
              .orElseThrow(() -> Problem.badRequest("sort " + request.get("sort") + ": no order"));
    }
    Long limit = request.get("limit") == null ? null : Quantities.bytes(request.get("limit"));
    if (limit != null && limit <= 0) {
      throw new UsageException("--limit " + limit + " is not positive");
    }
    return new Shape(top(request, DEFAULT_TOP), sort, limit);
  }

  /** So many are listed, 0 for all. */
  static int top(Request request, int otherwise) {
    Integer top = number(request, "top");
    return top == null ? otherwise : top;
  }

  /** A number that is not negative; null when it is not given. */
  static Integer number(Request request, String name) {
    String text = request.get(name);
    if (text == null) {
      return null;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw Problem.badRequest(name + " " + text + ": no number");
    }
    throw Problem.badRequest(name + " " + text + " is negative");
  }

  /** Every report is kept until all are answered: not so many that they are the server's end. */
  private static Long interval(String text) {
    Long nanos = text == null ? null : (Long) Quantities.nanos(text);
    if (nanos != null && nanos < LEAST_INTERVAL_NANOS) {
      throw new UsageException("--interval " + text + ": at least 1s here");
    }
    return nanos;
  }
}
