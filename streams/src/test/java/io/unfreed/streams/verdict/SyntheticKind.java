package io.unfreed.streams.verdict;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * How a stack behaves, after the programs of the corpus, with random parameters. Times are seconds
 * of a recording of {@link #SPAN}.
 */
enum SyntheticKind {
  SLOW_LEAK("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      out.arrivals(r, between(r, 0.2, 10), 0, SPAN, t -> out.block(t, 64, NEVER));
    }
  },
  LEAK_PER_REQUEST("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      int per = 1 + r.nextInt(5);
      out.arrivals(
          r,
          between(r, 0.5, 5),
          0,
          SPAN,
          t -> {
            for (int i = 0; i < per; i++) {
              out.block(t, 16 << r.nextInt(6), NEVER);
            }
          });
    }
  },
  ONE_PERCENT("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      churn(r, out, between(r, 30, 200), between(r, 0.005, 0.03), between(r, 0.01, 2));
    }
  },
  NEARLY_ALL("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      churn(r, out, between(r, 2, 30), between(r, 0.9, 0.99), between(r, 0.01, 2));
    }
  },
  TINY_SHARE("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      churn(r, out, between(r, 300, 900), between(r, 0.0002, 0.001), between(r, 0.001, 0.1));
    }
  },
  FLUSHED("bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      flushed(r, out, 0);
    }
  },
  FLUSHED_AND_LEAKING("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      flushed(r, out, between(r, 0.02, 0.05));
    }
  },
  LOGARITHMIC("warm-up", "one-off") {
    @Override
    void blocks(Random r, Blocks out) {
      double scale = between(r, 30, 200);
      for (double t = 1 / scale; t < SPAN; t *= 1 + 1 / scale) {
        out.block(t, 100, NEVER);
      }
    }
  },
  INTERNING("warm-up", "one-off") {
    @Override
    void blocks(Random r, Blocks out) {
      double first = between(r, 5, 50);
      double decay = between(r, 60, 200);
      out.arrivals(
          r,
          first,
          0,
          SPAN,
          t -> {
            if (r.nextDouble() < Math.exp(-t / decay)) {
              out.block(t, 40, NEVER);
            }
          });
    }
  },
  LRU("bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      double rate = between(r, 2, 50);
      Deque<double[]> held = new ArrayDeque<>();
      int most = (int) (rate * SPAN * between(r, 0.02, 0.3));
      out.arrivals(
          r,
          rate,
          0,
          SPAN,
          t -> {
            held.add(new double[] {t});
            if (held.size() > most) {
              out.block(held.poll()[0], 2000, t);
            }
          });
      held.forEach(born -> out.block(born[0], 2000, NEVER));
    }
  },
  RANDOM_EVICTION("bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      double rate = between(r, 5, 50);
      List<Double> held = new ArrayList<>();
      int most = (int) (rate * SPAN * between(r, 0.01, 0.06));
      out.arrivals(
          r,
          rate,
          0,
          SPAN,
          t -> {
            held.add(t);
            if (held.size() > most) {
              out.block(held.remove(r.nextInt(held.size())), 500, t);
            }
          });
      held.forEach(born -> out.block(born, 500, NEVER));
    }
  },
  POOL("one-off", "bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      double until = SPAN * between(r, 0.02, 0.2);
      out.arrivals(r, between(r, 1, 20), 0, until, t -> out.block(t, 8192, NEVER));
    }
  },
  IDLE_TIMEOUT("bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      double idle = between(r, 5, 40);
      out.arrivals(
          r,
          between(r, 0.5, 5),
          0,
          SPAN,
          t -> out.block(t, 300, t + idle + exponential(r, idle / 2)));
    }
  },
  PRODUCER("queue") {
    @Override
    void blocks(Random r, Blocks out) {
      double rate = between(r, 10, 100);
      double faster = between(r, 1.15, 1.5);
      double[] last = {0};
      out.arrivals(
          r,
          rate,
          0,
          SPAN,
          t -> {
            last[0] = Math.max(t, last[0]) + faster / rate;
            out.block(t, 200, last[0]);
          });
    }
  },
  CONSUMER_DIES("leaking", "queue") {
    @Override
    void blocks(Random r, Blocks out) {
      double dies = SPAN * between(r, 0.2, 0.5);
      double life = between(r, 0.05, 1);
      out.arrivals(
          r,
          between(r, 5, 50),
          0,
          SPAN,
          t -> {
            double end = t + exponential(r, life);
            out.block(t, 120, end < dies ? end : NEVER);
          });
    }
  },
  DAY_AND_NIGHT("bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      daily(r, out, 0);
    }
  },
  DAY_AND_NIGHT_LEAK("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      daily(r, out, between(r, 0.01, 0.03));
    }
  },
  ARENA_PER_REQUEST("bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      churn(r, out, between(r, 1, 20), 0, between(r, 0.01, 5));
    }
  },
  START_UP("one-off", "bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      int blocks = 1 + r.nextInt(500);
      for (int i = 0; i < blocks; i++) {
        out.block(r.nextDouble() * 3, 100, NEVER);
      }
    }
  },
  STOPPED_LEAK("one-off") {
    @Override
    void blocks(Random r, Blocks out) {
      double until = SPAN * between(r, 0.2, 0.6);
      out.arrivals(r, between(r, 0.5, 10), 0, until, t -> out.block(t, 64, NEVER));
    }
  },
  LATE_LEAK("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      double from = SPAN * between(r, 0.4, 0.7);
      out.arrivals(r, between(r, 0.5, 10), from, SPAN, t -> out.block(t, 64, NEVER));
    }
  },
  BURSTS("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      double every = between(r, 20, 70);
      int per = 5 + r.nextInt(50);
      for (double t = every * r.nextDouble(); t < SPAN; t += every) {
        for (int i = 0; i < per; i++) {
          out.block(t + r.nextDouble(), 64, NEVER);
        }
      }
    }
  },
  THREAD_STACKS("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      out.arrivals(r, 1 / between(r, 4, 15), 0, SPAN, t -> out.block(t, 8 << 20, NEVER));
    }
  },
  THREAD_CACHES("bounded") {
    @Override
    void blocks(Random r, Blocks out) {
      double life = between(r, 5, 40);
      out.arrivals(
          r,
          between(r, 0.3, 2),
          0,
          SPAN,
          t -> {
            double end = t + life * (0.5 + r.nextDouble());
            for (int i = 0; i < 8; i++) {
              out.block(t + (end - t) * r.nextDouble() / 4, 1024, end);
            }
          });
    }
  },
  LONG_SESSIONS("bounded", "undecided") {
    @Override
    void blocks(Random r, Blocks out) {
      double life = between(r, 40, 150);
      out.arrivals(
          r,
          between(r, 0.5, 5),
          0,
          SPAN,
          t -> out.block(t, 700, t + life * (0.5 + r.nextDouble())));
    }
  },
  ONE_A_MINUTE("leaking", "undecided") {
    @Override
    void blocks(Random r, Blocks out) {
      out.arrivals(r, 1.0 / 60, 0, SPAN, t -> out.block(t, 64, NEVER));
    }
  },
  PARETO("bounded", "undecided") {
    @Override
    void blocks(Random r, Blocks out) {
      double shape = between(r, 1.3, 2.5);
      out.arrivals(
          r,
          between(r, 10, 200),
          0,
          SPAN,
          t -> out.block(t, 90, t + 0.05 * Math.pow(1 - r.nextDouble(), -1 / shape)));
    }
  },
  RELOADS("warm-up", "one-off") {
    @Override
    void blocks(Random r, Blocks out) {
      double every = between(r, 20, 60);
      double left = 200 + r.nextInt(400);
      for (double t = 1; t < SPAN; t += every) {
        for (int i = 0; i < (int) left; i++) {
          out.block(t + r.nextDouble(), 80, NEVER);
        }
        left *= between(r, 0.4, 0.75);
      }
    }
  },
  VECTOR("leaking") {
    @Override
    void blocks(Random r, Blocks out) {
      double every = between(r, 0.5, 10);
      long step = 1000 + r.nextInt(10_000);
      long size = step;
      for (double t = 0; t < SPAN; t += every) {
        out.block(t, size, t + every >= SPAN ? NEVER : t + every + 1e-6);
        size += step;
      }
    }
  };

  static final double SPAN = 600;
  static final double NEVER = Double.POSITIVE_INFINITY;

  /** Verdicts that are right at the end. */
  final Set<String> right;

  SyntheticKind(String... right) {
    this.right = Set.of(right);
  }

  /** Makes the blocks of a stack. */
  abstract void blocks(Random r, Blocks out);

  boolean isLeak() {
    return right.contains("leaking");
  }

  boolean isHealthy() {
    return !isLeak();
  }

  private static void churn(Random r, Blocks out, double rate, double leaks, double life) {
    out.arrivals(
        r,
        rate,
        0,
        SPAN,
        t -> out.block(t, 48, r.nextDouble() < leaks ? NEVER : t + exponential(r, life)));
  }

  private static void flushed(Random r, Blocks out, double leaks) {
    double every = between(r, 20, 80);
    out.arrivals(
        r,
        between(r, 5, 50),
        0,
        SPAN,
        t ->
            out.block(
                t, 150, r.nextDouble() < leaks ? NEVER : (Math.floor(t / every) + 1) * every));
  }

  private static void daily(Random r, Blocks out, double leaks) {
    double day = between(r, 100, 250);
    double life = between(r, 0.1, 3);
    out.arrivals(
        r,
        between(r, 30, 100),
        0,
        SPAN,
        t -> {
          if (r.nextDouble() < 0.55 + 0.45 * Math.sin(2 * Math.PI * t / day)) {
            out.block(t, 200, r.nextDouble() < leaks ? NEVER : t + exponential(r, life));
          }
        });
  }

  static double between(Random r, double low, double high) {
    return low * Math.pow(high / low, r.nextDouble());
  }

  static double exponential(Random r, double mean) {
    return -mean * Math.log(1 - r.nextDouble());
  }
}
